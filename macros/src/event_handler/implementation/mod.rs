//! `#[event_handler]` on an implementation of a subscription's trait.

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

mod arguments;
mod expand;
mod parse;
mod validate;

#[cfg(test)]
mod tests;

pub(crate) use parse::Implementation;

pub(crate) fn expand(options: TokenStream, implementation: &Implementation) -> TokenStream {
    let mut errors = Errors::default();
    if !options.is_empty() {
        errors.push(
            options,
            "`#[event_handler]` on an `impl` takes no options: the trait names the subscription; \
             retries and limits are set in the catalog",
        );
    }
    let expanded = match validate::validate(implementation, &mut errors) {
        Some(entries) => expand::expand(implementation, &entries),
        None => quote! { #implementation },
    };
    let errors = errors.finish();
    quote! { #expanded #errors }
}

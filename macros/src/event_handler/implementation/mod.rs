//! `#[event_handler]` on an implementation of a subscription's trait.

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

mod arguments;
mod expand;
mod options;
mod parse;
mod validate;

#[cfg(test)]
mod tests;

pub(crate) use parse::Implementation;

pub(crate) fn expand(options: TokenStream, implementation: &Implementation) -> TokenStream {
    let mut errors = Errors::default();
    let idempotent = options::idempotent(options, &mut errors);
    let expanded = match validate::validate(implementation, &mut errors) {
        Some(entries) => expand::expand(implementation, &entries, idempotent),
        None => quote! { #implementation },
    };
    let errors = errors.finish();
    quote! { #expanded #errors }
}

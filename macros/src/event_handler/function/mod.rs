//! `#[event_handler]` on a function.

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;
use crate::signature::Function;

mod expand;
mod fallback;
mod options;
mod validate;

#[cfg(test)]
mod tests;

pub(crate) fn expand(options: TokenStream, function: &Function) -> TokenStream {
    let mut errors = Errors::default();
    let expanded = if let Some(receiver) = function.receiver() {
        errors.push(
            receiver,
            "`#[event_handler]` belongs on the `impl` of the subscription's trait, not on a method",
        );
        // Inside an `impl`, only the method itself can stand here.
        quote! { #function }
    } else {
        let subscription = options::subscription(options, &mut errors);
        let handler = validate::validate(function, subscription, &mut errors);
        match handler {
            Some(handler) if errors.len() == 0 => expand::expand(&handler),
            _ => fallback::expand(function),
        }
    };
    let errors = errors.finish();
    quote! { #expanded #errors }
}

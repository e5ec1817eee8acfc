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
    let expanded = if validate::can_be_a_value(function, &mut errors) {
        let options = options::read(options, &mut errors);
        match validate::validate(function, options, &mut errors) {
            Some(handler) if errors.len() == 0 => expand::expand(&handler),
            _ => fallback::expand(function),
        }
    } else {
        quote! { #function }
    };
    let errors = errors.finish();
    quote! { #expanded #errors }
}

//! What stands in for a function with mistakes.

use proc_macro2::TokenStream;
use quote::quote;

use super::expand::{conditions, declaration};
use crate::signature::Function;

/// The function as written, and a handler of any event in its name: uses of it raise no further errors.
pub(super) fn expand(function: &Function) -> TokenStream {
    let name = &function.sig.ident;
    let declaration = declaration(function);
    let cfg = conditions(function);
    quote! {
        #declaration

        #(#cfg)*
        impl<__S, __E> ::tidings::EventHandler<__S, __E> for #name
        where
            __S: ::tidings::Service,
            __E: ::tidings::Event<Contract = __E>,
        {
            type Event = __E;

            async fn call(&self, _: __E, _: &::tidings::Context<__S>) -> ::tidings::Handled {
                ::core::unreachable!()
            }
        }
    }
}

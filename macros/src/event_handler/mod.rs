//! `#[event_handler]`, on an implementation of a subscription's trait or on a function.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Token, Visibility};

use crate::signature::Function;

mod checks;
mod function;
mod idempotent;
mod implementation;
mod outcome;

/// What the attribute stands on.
enum Item {
    Function(Box<Function>),
    Implementation(Box<implementation::Implementation>),
}

pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    match parse.parse2(item.clone()) {
        Ok(Item::Function(function)) => function::expand(options, &function),
        Ok(Item::Implementation(implementation)) => {
            implementation::expand(options, &implementation)
        }
        Err(error) => {
            let error = error.into_compile_error();
            quote! { #item #error }
        }
    }
}

fn parse(input: ParseStream<'_>) -> syn::Result<Item> {
    let attrs = input.call(Attribute::parse_outer)?;
    if input.peek(Token![impl]) || (input.peek(Token![unsafe]) && input.peek2(Token![impl])) {
        let implementation = implementation::Implementation::parse_after(attrs, input)?;
        return Ok(Item::Implementation(Box::new(implementation)));
    }
    let vis: Visibility = input.parse()?;
    if Function::follows(input) {
        let function = Function::parse_after(attrs, vis, input)?;
        return Ok(Item::Function(Box::new(function)));
    }
    Err(input.error(
        "`#[event_handler]` belongs on an `async fn`, or on the `impl` of a subscription's trait",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_handle_is_left_as_it_is() {
        let item = quote! { pub struct Invoicing { db: Db } };
        let expanded = expand(TokenStream::new(), &item).to_string();
        assert!(expanded.starts_with(&item.to_string()), "{expanded}");
        assert!(expanded.contains("belongs on an `async fn`"), "{expanded}");
    }
}

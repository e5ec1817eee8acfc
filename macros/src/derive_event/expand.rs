use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;

use super::validate::Event;

/// The check of the contract and, for an item that fits, what follows from it.
pub(super) fn expand(event: &Event<'_>) -> TokenStream {
    let Event { contract, allowed, .. } = event;
    let implementation = event.fits.then(|| implementation(event));
    quote! {
        #(#allowed)*
        const _: &::tidings::EventSpec = <#contract as ::tidings::Event>::SPEC;
        #implementation
    }
}

/// The implementation, and a test that the struct still matches the catalog.
///
/// `for<'any>` keeps rustc from checking again that the contract is an event, and the struct one for it.
fn implementation(event: &Event<'_>) -> TokenStream {
    let Event { name, contract, .. } = event;
    let test = format_ident!("{}_matches_the_catalog", snake_case(&name.unraw().to_string()));
    quote! {
        #[allow(deprecated)]
        impl ::tidings::Event for #name
        where
            for<'any> #contract: ::tidings::Event,
        {
            type Contract = <#contract as ::tidings::Event>::Contract;

            const SPEC: &'static ::tidings::EventSpec = <#contract as ::tidings::Event>::SPEC;

            fn subject(
                &self,
            ) -> ::core::result::Result<::tidings::Subject, ::tidings::InvalidToken> {
                ::tidings::__private::contract_subject(self)
            }

            fn key(&self) -> ::core::option::Option<::std::string::String> {
                ::tidings::__private::contract_key(self)
            }
        }

        #[allow(deprecated)]
        impl ::tidings::Accepts<<#contract as ::tidings::Event>::Contract> for #name
        where
            for<'any> #contract: ::tidings::Event,
            for<'any> #name: ::tidings::Event<Contract = <#contract as ::tidings::Event>::Contract>,
        {
            type Event = Self;
        }

        #[cfg(test)]
        #[test]
        fn #test() {
            #[allow(unused_imports)]
            use ::tidings::__private::Unchecked as _;

            ::tidings::__private::SchemaCheck::<#name>::new().run();
            ::tidings::__private::assert_matches_contract::<#name>();
        }
    }
}

/// `my_order`, for `MyOrder`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    let mut after_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && after_lower {
            snake.push('_');
        }
        after_lower = !c.is_uppercase() && c != '_';
        snake.extend(c.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn names_become_snake_case() {
        for (name, expected) in [
            ("Order", "order"),
            ("MyOrder", "my_order"),
            ("OrderV2", "order_v2"),
            ("HTTPOrder", "httporder"),
            ("my_order", "my_order"),
            ("Größe", "größe"),
        ] {
            assert_eq!(snake_case(name), expected);
        }
    }
}

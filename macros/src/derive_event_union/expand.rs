use proc_macro2::TokenStream;
use quote::quote;

use super::validate::{Union, Variant};

/// What the union can do.
///
/// `for<'any>` keeps rustc from checking again that the variants hold events: `inclusion` has it checked.
pub(super) fn expand(union: &Union<'_>) -> TokenStream {
    let Union { name, variants } = union;
    let names: Vec<_> = variants.iter().map(|variant| variant.name).collect();
    let events: Vec<_> = variants.iter().map(|variant| variant.event).collect();
    let contracts = variants.iter().rev().fold(quote!(()), |rest, variant| {
        let contract = &variant.contract;
        quote!((#contract, #rest))
    });
    let inclusions = variants.iter().map(|variant| inclusion(union, variant));
    quote! {
        #[allow(deprecated)]
        impl ::tidings::EventUnion for #name
        where
            #(for<'any> #events: ::tidings::Event,)*
        {
            const MEMBERS: &'static [::tidings::__private::Member<Self>] =
                &[#(::tidings::__private::Member::of::<#events>()),*];

            fn spec(&self) -> &'static ::tidings::EventSpec {
                match self {
                    #(Self::#names(_) => <#events as ::tidings::Event>::SPEC,)*
                }
            }

            fn subject(
                &self,
            ) -> ::core::result::Result<::tidings::Subject, ::tidings::InvalidToken> {
                match self {
                    #(Self::#names(event) => <#events as ::tidings::Event>::subject(event),)*
                }
            }

            fn key(&self) -> ::core::option::Option<::std::string::String> {
                match self {
                    #(Self::#names(event) => <#events as ::tidings::Event>::key(event),)*
                }
            }

            fn visit<V: ::tidings::__private::Visitor>(&self, visitor: V) -> V::Output {
                match self {
                    #(Self::#names(event) => visitor.visit::<#events>(event),)*
                }
            }
        }

        #[allow(deprecated)]
        impl ::tidings::HandlerInput for #name {
            type Contracts = #contracts;
        }

        #(#inclusions)*
    }
}

/// What one event needs to become the union.
fn inclusion(union: &Union<'_>, variant: &Variant<'_>) -> TokenStream {
    let name = union.name;
    let Variant { name: variant, event, contract, boxed } = variant;
    let held = if *boxed { quote!(::std::boxed::Box::new(event)) } else { quote!(event) };
    quote! {
        #[allow(deprecated)]
        impl ::core::convert::From<#event> for #name {
            fn from(event: #event) -> Self {
                Self::#variant(#held)
            }
        }

        #[allow(deprecated)]
        impl ::tidings::Accepts<#contract> for #name {
            type Event = #event;
        }
    }
}

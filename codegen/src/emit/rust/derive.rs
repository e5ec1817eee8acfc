//! What generated types implement.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::redaction::Debug;

/// Beyond what every type derives: for those without a floating-point number in them.
pub(super) const EQUAL: &[&str] = &["Eq", "Hash"];
/// The same for enums without fields.
pub(super) const FIELDLESS: &[&str] = &["Copy", "Eq", "Hash"];

/// What every type derives and `more`; `serde` is said to serde beside it.
pub(super) fn derive(debug: &Debug, more: &[&str], serde: &TokenStream) -> TokenStream {
    all(debug, more, &quote!(, ::tidings::__private::serde::Deserialize), serde)
}

/// The same for an enum that is written as what its variant holds, and read by an impl of its own.
pub(super) fn written_untagged(debug: &Debug) -> TokenStream {
    all(debug, &[], &TokenStream::new(), &quote!(untagged))
}

fn all(debug: &Debug, more: &[&str], read: &TokenStream, serde: &TokenStream) -> TokenStream {
    let traits = [
        ("Clone", quote!(::core::clone::Clone)),
        ("Copy", quote!(::core::marker::Copy)),
        ("Debug", quote!(::core::fmt::Debug)),
        ("PartialEq", quote!(::core::cmp::PartialEq)),
        ("Eq", quote!(::core::cmp::Eq)),
        ("Hash", quote!(::core::hash::Hash)),
    ];
    let always = ["Clone", "Debug", "PartialEq"];
    let derived = traits
        .iter()
        .filter(|(name, _)| always.contains(name) || more.contains(name))
        .filter(|(name, _)| *name != "Debug" || debug.is_derived())
        .map(|(_, path)| path);
    let comma = (!serde.is_empty()).then(|| quote!(,));
    quote! {
        #[derive(
            #(#derived,)*
            ::tidings::__private::serde::Serialize
            #read
        )]
        #[serde(crate = "::tidings::__private::serde" #comma #serde)]
    }
}

/// An implementation of `Display` with this body.
pub(super) fn display(name: &Ident, body: &TokenStream) -> TokenStream {
    quote! {
        impl ::core::fmt::Display for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #body
            }
        }
    }
}

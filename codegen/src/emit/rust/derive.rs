//! What generated types implement.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::redaction::Debug;

/// Beyond what every type derives: for those without a floating-point number in them.
pub(super) const EQUAL: &[&str] = &["Eq", "Hash"];
/// The same for enums without fields.
pub(super) const FIELDLESS: &[&str] = &["Copy", "Eq", "Hash"];

/// What every type derives and `more`.
pub(super) fn derive(debug: &Debug, more: &[&str]) -> TokenStream {
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
    quote!(#[derive(#(#derived),*)])
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

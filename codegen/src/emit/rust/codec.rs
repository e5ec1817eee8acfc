//! How types are read and written: what is different between them, for the macros of the SDK that write the impls.
//!
//! serde's derives would be most of what rustc has to compile of a catalog.

use std::collections::HashSet;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::field::Field;
use super::names;
use crate::model::Tagging;

/// Of a struct.
pub(super) fn record(name: &Ident, fields: &[Field]) -> TokenStream {
    let fields = listed(fields);
    quote!(::tidings::__private::codec::record! { #name { #fields } })
}

/// Of an enum of words.
pub(super) fn words(name: &Ident, words: &[String]) -> TokenStream {
    let rows = words.iter().map(|word| (names::variant(word), word));
    let rows = first_of_each(rows, |(ident, _)| ident);
    // Without any, the mistake has been reported.
    if rows.is_empty() {
        return TokenStream::new();
    }
    let rows = rows.iter().map(|(ident, word)| quote!(#ident #word,));
    quote!(::tidings::__private::codec::words! { #name { #(#rows)* } })
}

/// Of a type around a value.
pub(super) fn newtype(name: &Ident) -> TokenStream {
    quote!(::tidings::__private::codec::newtype! { #name })
}

/// One alternative of an enum.
pub(super) struct Alternative<'a> {
    pub(super) ident: Ident,
    /// Its tag, where it has one.
    pub(super) label: &'a str,
    pub(super) content: Content,
    /// Whether it can be made without an end to it.
    pub(super) is_finite: bool,
}

/// What an alternative holds.
pub(super) enum Content {
    Fields(Vec<Field>),
    Value,
}

/// Of an enum of alternatives.
pub(super) fn one_of(
    name: &Ident,
    tagging: &Tagging,
    alternatives: &[Alternative<'_>],
) -> TokenStream {
    let alternatives = first_of_each(alternatives.iter(), |one| &one.ident);
    let finite = alternatives.iter().find(|one| one.is_finite).or(alternatives.first());
    // Without any, the mistake has been reported.
    let Some(Alternative { ident: blank, content: blanks, .. }) = finite else {
        return TokenStream::new();
    };
    let blanks = match blanks {
        Content::Value => quote!(()),
        Content::Fields(fields) => {
            let fields = first_of_each(fields.iter(), |field| &field.ident);
            let names = fields.iter().map(|field| &field.ident);
            quote!({ #(#names)* })
        }
    };
    let by = match tagging {
        Tagging::Internal(tag) => quote!(Tag(#tag)),
        Tagging::Discriminated(tag) => quote!(Property(#tag)),
        Tagging::External => quote!(Name()),
        Tagging::Untagged => {
            let count = Literal::usize_unsuffixed(alternatives.len());
            quote!(Look(#count))
        }
    };
    let rows = alternatives.iter().enumerate().map(|(number, alternative)| {
        let Alternative { ident, label, content, .. } = alternative;
        let number = Literal::usize_unsuffixed(number);
        let content = match content {
            Content::Value => quote!(()),
            Content::Fields(fields) => {
                let fields = listed(fields);
                quote!({ #fields })
            }
        };
        quote!(#number #ident #label #content,)
    });
    quote! {
        ::tidings::__private::codec::one_of! {
            #name by #by, blank #blank #blanks { #(#rows)* }
        }
    }
}

/// The fields, and the one of all other properties.
fn listed(fields: &[Field]) -> TokenStream {
    let properties = fields.iter().filter(|field| !field.is_extra);
    let rows = first_of_each(properties, |field| &field.ident);
    let rows = rows.iter().map(|field| {
        let Field { ident, property, absent, .. } = field;
        let presence = absent.name();
        let function = absent.function();
        quote!(#ident #property #presence #function,)
    });
    let extra = fields.iter().find(|field| field.is_extra).map(|field| &field.ident);
    let extra = extra.map(|ident| quote!(..#ident));
    quote!(#(#rows)* #extra)
}

/// Where a mistake in the catalog gave two of them one name, the first has it.
fn first_of_each<T>(all: impl Iterator<Item = T>, name: impl Fn(&T) -> &Ident) -> Vec<T> {
    let mut seen = HashSet::new();
    all.filter(|one| seen.insert(name(one).clone())).collect()
}

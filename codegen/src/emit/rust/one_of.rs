//! Writes enums whose variants hold something.

use proc_macro2::TokenStream;
use quote::quote;

use super::derive::derive;
use super::engine::FieldTypes;
use super::field::{Field, private_paths};
use super::redaction::Shown;
use super::shape::{Head, Shaper, schema_docs};
use super::{lower, names};
use crate::model::{OneOf, Schema, Shape, Tagging, Variant};

impl Shaper<'_, '_> {
    /// The enum of a choice.
    pub(super) fn one_of(
        &mut self,
        head: &Head<'_>,
        schema: &Schema,
        one_of: &OneOf,
        types: &FieldTypes,
    ) -> TokenStream {
        let Head { name, docs, attributes } = head;
        let mut variants = TokenStream::new();
        let mut arms = Vec::new();
        let mut shown = Shown::new(self.scope, schema);
        for (number, variant) in one_of.variants.iter().enumerate() {
            let (code, arm) = match (&one_of.tagging, &variant.schema.shape) {
                (Tagging::Internal(tag), Shape::Object(object)) => {
                    let owner = names::snake(&format!("{name}_{}", variant.name));
                    let fields = self
                        .fields(&owner, object, |key| types.get(&lower::of_variant(number, key)));
                    let ident = names::segment(&variant.name);
                    let arm = self.constraints.variant(&ident, &variant.schema, &fields);
                    shown.fields(&ident, &variant.schema, object, &fields);
                    (with_fields(tag, variant, &fields), arm)
                }
                (tagging, _) => {
                    let arm = self.constraints.content(variant, tagging);
                    shown.content(&names::segment(&variant.name), &variant.schema);
                    (with_content(number, variant, tagging, types), arm)
                }
            };
            variants.extend(code);
            arms.push(arm);
        }
        let check = self.constraints.alternatives(name, schema, &arms);
        let debug = &shown.debug(head);
        let (derive, read) = match &one_of.tagging {
            Tagging::Internal(tag) => (derive(debug, &[], &quote!(tag = #tag)), None),
            Tagging::External => (derive(debug, &[], &TokenStream::new()), None),
            Tagging::Untagged => (derive(debug, &[], &quote!(untagged)), None),
            Tagging::Discriminated(tag) => (
                super::derive::written_untagged(debug),
                Some(read_by_tag(head, tag, &one_of.variants)),
            ),
        };
        quote! {
            #docs
            #attributes
            #derive
            #[allow(clippy::large_enum_variant, reason = "the variants are as the schema has them")]
            pub enum #name { #variants }
            #debug
            #read
            #check
        }
    }
}

/// A variant with the fields of an object.
fn with_fields(tag: &str, variant: &Variant, fields: &[Field]) -> TokenStream {
    let ident = names::segment(&variant.name);
    let label = variant.label();
    let rename = (ident != label).then(|| quote!(#[serde(rename = #label)]));
    let docs = schema_docs(&variant.schema).or(format!("`{tag}` is `{label}`."));
    if fields.is_empty() {
        return quote!(#docs #rename #ident,);
    }
    let code = fields.iter().map(|field| field.code(&TokenStream::new()));
    quote!(#docs #rename #ident { #(#code,)* },)
}

/// A variant that holds one value.
fn with_content(
    number: usize,
    variant: &Variant,
    tagging: &Tagging,
    types: &FieldTypes,
) -> TokenStream {
    let Some(ty) = types.get(&lower::field(number)) else { return TokenStream::new() };
    let ty = private_paths(ty);
    let ident = names::segment(&variant.name);
    let label = variant.label();
    let (fallback, rename) = match tagging {
        Tagging::Internal(tag) | Tagging::Discriminated(tag) => {
            (format!("`{tag}` is `{label}`."), None)
        }
        Tagging::External => {
            let rename = (ident != label).then(|| quote!(#[serde(rename = #label)]));
            (format!("The property `{label}`."), rename)
        }
        Tagging::Untagged => (format!("{}.", kind(&variant.schema.shape)), None),
    };
    let docs = schema_docs(&variant.schema).or(fallback).text(super::facts_line(&variant.schema));
    quote!(#docs #rename #ident(#ty),)
}

/// Variants have the property that tells them apart themselves, so that serde's tags would write it twice.
fn read_by_tag(head: &Head<'_>, tag: &str, variants: &[Variant]) -> TokenStream {
    let name = &head.name;
    let labels: Vec<&str> = variants.iter().map(Variant::label).collect();
    let arms = variants.iter().map(|variant| {
        let (ident, label) = (names::segment(&variant.name), variant.label());
        quote!(#label => tagged.read().map(Self::#ident),)
    });
    quote! {
        impl<'de> ::tidings::__private::serde::Deserialize<'de> for #name {
            fn deserialize<D>(deserializer: D) -> ::core::result::Result<Self, D::Error>
            where
                D: ::tidings::__private::serde::Deserializer<'de>,
            {
                let tagged = ::tidings::__private::Tagged::new(deserializer, #tag)?;
                match tagged.tag() {
                    #(#arms)*
                    _ => ::core::result::Result::Err(tagged.unknown(&[#(#labels),*])),
                }
            }
        }
    }
}

/// What a variant is, where its schema says nothing about it.
fn kind(shape: &Shape) -> String {
    let words = match shape {
        Shape::Any => "Any value",
        Shape::Null => "Nothing",
        Shape::Boolean { .. } => "A truth value",
        Shape::Integer(_) => "A whole number",
        Shape::Number(_) => "A number",
        Shape::String(text) => match &text.format {
            Some(format) => return format!("A text of the format `{}`", format.name()),
            None => "A text",
        },
        Shape::Enum(_) => "One of several words",
        Shape::Array(_) | Shape::Tuple(_) => "A list",
        Shape::Object(_) | Shape::OneOf(_) => "An object",
        Shape::Map(_) => "A map",
        Shape::Ref(target) => return format!("`{}`", target.name()),
    };
    words.to_owned()
}

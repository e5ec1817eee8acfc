//! Writes enums whose variants hold something.

use proc_macro2::TokenStream;
use quote::quote;

use super::codec::{self, Alternative, Content};
use super::derive::derive;
use super::engine::FieldTypes;
use super::field::Field;
use super::redaction::Shown;
use super::rename::rename;
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
        let mut alternatives = Vec::new();
        let mut arms = Vec::new();
        let mut shown = Shown::new(self.scope, schema);
        for (number, variant) in one_of.variants.iter().enumerate() {
            let ident = names::segment(&variant.name);
            let (code, content) = match (&one_of.tagging, &variant.schema.shape) {
                (Tagging::Internal(tag), Shape::Object(object)) => {
                    let owner = names::snake(&format!("{name}_{}", variant.name));
                    let fields = self
                        .fields(&owner, object, |key| types.get(&lower::of_variant(number, key)));
                    arms.push(self.constraints.variant(&ident, &variant.schema, &fields));
                    shown.fields(&ident, &variant.schema, object, &fields);
                    (with_fields(tag, variant, &fields), Content::Fields(fields))
                }
                (tagging, _) => {
                    let Some(ty) = types.get(&lower::field(number)) else { continue };
                    arms.push(self.constraints.content(variant, tagging));
                    shown.content(&ident, &variant.schema);
                    (with_content(&rename(ty, self.names), variant, tagging), Content::Value)
                }
            };
            variants.extend(code);
            let is_finite = self.scope.is_finite(&variant.schema);
            alternatives.push(Alternative { ident, label: variant.label(), content, is_finite });
        }
        let check = self.constraints.alternatives(name, schema, &arms);
        let debug = &shown.debug(head);
        let derive = derive(debug, &[]);
        let codec = codec::one_of(name, &one_of.tagging, &alternatives);
        quote! {
            #docs
            #attributes
            #derive
            #[allow(clippy::large_enum_variant, reason = "the variants are as the schema has them")]
            pub enum #name { #variants }
            #codec
            #debug
            #check
        }
    }
}

/// A variant with the fields of an object.
fn with_fields(tag: &str, variant: &Variant, fields: &[Field]) -> TokenStream {
    let ident = names::segment(&variant.name);
    let docs = schema_docs(&variant.schema).or(format!("`{tag}` is `{}`.", variant.label()));
    if fields.is_empty() {
        return quote!(#docs #ident,);
    }
    let code = fields.iter().map(|field| field.code(&TokenStream::new()));
    quote!(#docs #ident { #(#code,)* },)
}

/// A variant that holds one value.
fn with_content(ty: &TokenStream, variant: &Variant, tagging: &Tagging) -> TokenStream {
    let ident = names::segment(&variant.name);
    let label = variant.label();
    let fallback = match tagging {
        Tagging::Internal(tag) | Tagging::Discriminated(tag) => format!("`{tag}` is `{label}`."),
        Tagging::External => format!("The property `{label}`."),
        Tagging::Untagged => format!("{}.", kind(&variant.schema.shape)),
    };
    let docs = schema_docs(&variant.schema).or(fallback).text(super::facts_line(&variant.schema));
    quote!(#docs #ident(#ty),)
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

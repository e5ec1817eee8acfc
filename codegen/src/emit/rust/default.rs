//! What a property is where it is absent: functions that the reading of its type calls.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::names;
use crate::model::{Schema, Scope, Shape};

/// The functions of a module `defaults`, by name.
pub(super) type DefaultFunctions = BTreeMap<String, TokenStream>;

/// Collects what properties of one set of types are where they are absent.
pub(super) struct Defaults<'a> {
    scope: Scope<'a>,
    pub(super) functions: DefaultFunctions,
}

/// What stands in for an absent property.
pub(super) enum Absent {
    /// The `Default` of its type.
    Default,
    /// The function of this name.
    Function(String),
}

impl<'a> Defaults<'a> {
    pub(super) fn new(scope: Scope<'a>) -> Self {
        Self { scope, functions: DefaultFunctions::new() }
    }

    /// The default of a property whose type is `ty`, in an `Option` where it is `nullable`.
    pub(super) fn of(
        &mut self,
        name: &str,
        schema: &Schema,
        value: &Value,
        ty: &TokenStream,
        nullable: bool,
    ) -> Absent {
        if !nullable && is_default(&schema.shape, value) {
            return Absent::Default;
        }
        let expression = self.expression(schema, value, ty);
        let (ty, expression) = match nullable {
            true => (
                quote!(::std::option::Option<#ty>),
                quote!(::std::option::Option::Some(#expression)),
            ),
            false => (ty.clone(), expression),
        };
        let ident = names::segment(name);
        let code = quote!(pub(super) fn #ident() -> #ty { #expression });
        self.functions.insert(name.to_owned(), code);
        Absent::Function(name.to_owned())
    }

    fn expression(&self, schema: &Schema, value: &Value, ty: &TokenStream) -> TokenStream {
        if let Some(literal) = literal(&schema.shape, value) {
            return literal;
        }
        match (&self.scope.follow(schema).shape, value) {
            (Shape::Enum(_), Value::String(word)) => {
                let variant = names::variant(word);
                quote!(#ty::#variant)
            }
            // Defaults were checked with the catalog.
            _ => {
                let json = super::event::raw(&value.to_string());
                quote!(::tidings::__private::from_catalog(#json))
            }
        }
    }
}

/// Whether Rust's `Default` gives this value.
fn is_default(shape: &Shape, value: &Value) -> bool {
    match (shape, value) {
        (Shape::Boolean { .. }, Value::Bool(value)) => !value,
        (Shape::Integer(_) | Shape::Number(_), Value::Number(number)) => {
            number.as_f64() == Some(0.0)
        }
        (Shape::String(text), Value::String(value)) => text.format.is_none() && value.is_empty(),
        (Shape::Array(array), Value::Array(values)) => {
            array.fixed_length().is_none() && values.is_empty()
        }
        (Shape::Map(_), Value::Object(values)) => values.is_empty(),
        _ => false,
    }
}

/// The value as a Rust literal, where its type has one.
fn literal(shape: &Shape, value: &Value) -> Option<TokenStream> {
    match (shape, value) {
        (Shape::Boolean { .. }, Value::Bool(value)) => Some(quote!(#value)),
        (Shape::Integer(_), Value::Number(number)) => number.to_string().parse().ok(),
        (Shape::Number(_), Value::Number(number)) => {
            let number = number.as_f64()?;
            format!("{number:?}_f64").parse().ok()
        }
        (Shape::String(text), Value::String(value)) => {
            let has_type = text.format.as_ref().is_some_and(crate::model::Format::has_rust_type);
            (!has_type).then(|| quote!(#value.to_owned()))
        }
        (Shape::Array(array), Value::Array(values)) => {
            let items = values.iter().map(|value| literal(&array.items.shape, value));
            let items: Vec<TokenStream> = items.collect::<Option<_>>()?;
            let plain = !array.items.nullable;
            plain.then(|| match array.fixed_length() {
                Some(_) => quote!([#(#items),*]),
                None => quote!(::std::vec![#(#items),*]),
            })
        }
        _ => None,
    }
}

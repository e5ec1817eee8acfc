//! Fields and their serde attributes.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use super::default::{Absent, Defaults};
use super::docs::Docs;
use super::names;
use crate::model::{Object, Property, Scope, Shape};

/// A field of a struct or of a variant.
pub(super) struct Field {
    /// Its name in JSON.
    pub(super) property: String,
    /// Its name in Rust.
    pub(super) ident: Ident,
    /// Whether it is an `Option`.
    pub(super) optional: bool,
    /// Whether it is a list or a map that is left out where it is empty.
    pub(super) empty_is_absent: bool,
    /// Whether it keeps the properties that the struct does not know.
    pub(super) is_extra: bool,
    ty: TokenStream,
    docs: Docs,
    serde: Vec<TokenStream>,
}

impl Field {
    /// The field of a property, of which `ty` is the type where it is there and not null.
    pub(super) fn new(
        owner: &str,
        property: &Property,
        ty: TokenStream,
        docs: Docs,
        scope: Scope<'_>,
        defaults: &mut Defaults<'_>,
    ) -> Self {
        let schema = &property.schema;
        let (name, renamed) = names::field(&property.name);
        let nullable = scope.is_nullable(schema);
        let mut serde = Vec::new();
        if renamed {
            let property = &property.name;
            serde.push(quote!(rename = #property));
        }
        let (mut optional, mut empty_is_absent) = (nullable, false);
        let absent = if property.required { None } else { schema.default.as_ref() };
        match absent {
            Some(value) if value.is_null() => {
                serde.push(quote!(skip_serializing_if = "::std::option::Option::is_none"));
            }
            Some(value) => {
                match defaults.of(&format!("{owner}_{name}"), schema, value, &ty, nullable) {
                    Absent::Default => serde.push(quote!(default)),
                    Absent::Function(name) => {
                        let path = format!("defaults::{name}");
                        serde.push(quote!(default = #path));
                    }
                }
            }
            // Without this, serde takes an absent property for null.
            None if property.required && nullable => serde.push(quote!(
                deserialize_with = "::tidings::__private::serde::Deserialize::deserialize"
            )),
            None if property.required => {}
            None => match collection(&schema.shape).filter(|_| !nullable) {
                Some(path) => {
                    let is_empty = format!("{path}::is_empty");
                    empty_is_absent = true;
                    serde.push(quote!(default));
                    serde.push(quote!(skip_serializing_if = #is_empty));
                }
                None => {
                    optional = true;
                    serde.push(quote!(skip_serializing_if = "::std::option::Option::is_none"));
                }
            },
        }
        let ty = if optional { quote!(::std::option::Option<#ty>) } else { ty };
        let ident = names::segment(&name);
        Self {
            property: property.name.clone(),
            ident,
            optional,
            empty_is_absent,
            is_extra: false,
            ty,
            docs,
            serde,
        }
    }

    /// The field of the properties that the struct does not know.
    pub(super) fn extra(taken: &[Self], ty: TokenStream) -> Self {
        let is_free = |name: &String| taken.iter().all(|field| field.ident != name);
        let names =
            std::iter::successors(Some("extra".to_owned()), |name| Some(format!("{name}_")));
        let name = names.into_iter().find(is_free).unwrap_or_default();
        Self {
            property: String::new(),
            ident: names::segment(&name),
            optional: false,
            empty_is_absent: false,
            is_extra: true,
            ty,
            docs: Docs::default().text("All other properties."),
            serde: vec![quote!(flatten)],
        }
    }

    /// The property that it stands for.
    pub(super) fn described_by<'o>(&self, object: &'o Object) -> Option<&'o Property> {
        let mut properties = object.properties.iter().filter(|_| !self.is_extra);
        properties.find(|property| property.name == self.property)
    }

    /// The field as it stands in its type.
    pub(super) fn code(&self, visibility: &TokenStream) -> TokenStream {
        let Self { ident, ty, docs, serde, .. } = self;
        let serde = (!serde.is_empty()).then(|| quote!(#[serde(#(#serde),*)]));
        quote!(#docs #serde #visibility #ident: #ty)
    }
}

/// The collection that is empty where a property is absent.
fn collection(shape: &Shape) -> Option<&'static str> {
    match shape {
        Shape::Array(array) if array.fixed_length().is_none() => Some("::std::vec::Vec"),
        Shape::Map(_) => Some("::std::collections::BTreeMap"),
        _ => None,
    }
}

/// The tokens, where `::serde_json` is what the SDK re-exports: the generated crate depends on the SDK alone.
pub(super) fn private_paths(code: &impl ToTokens) -> TokenStream {
    replace(code.to_token_stream())
}

fn replace(tokens: TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Ident(ident) if ident == "serde_json" => {
                quote!(tidings::__private::serde_json)
            }
            TokenTree::Group(group) => {
                TokenTree::Group(Group::new(group.delimiter(), replace(group.stream()))).into()
            }
            other => other.into(),
        })
        .collect()
}

//! Fields and their serde attributes.

use std::collections::BTreeMap;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{Attribute, ItemFn, LitStr, Type};

use super::docs::Docs;
use super::lower::PADDING;
use crate::model::Property;

/// Functions that serde's `default` attributes name, by name: the content of a module `defaults`.
pub(super) type Defaults = BTreeMap<String, TokenStream>;

/// A field of a struct or of a variant.
pub(super) struct Field {
    /// Its name in JSON.
    pub(super) property: String,
    /// Its name in Rust.
    pub(super) ident: Ident,
    /// Whether it is an `Option`.
    pub(super) optional: bool,
    ty: TokenStream,
    docs: Docs,
    serde: Vec<TokenStream>,
}

impl Field {
    /// Takes over what typify made of a property.
    pub(super) fn new(
        owner: &str,
        property: &Property,
        field: &syn::Field,
        docs: Docs,
        known: &BTreeMap<String, ItemFn>,
        defaults: &mut Defaults,
    ) -> Self {
        let ident = field.ident.clone().unwrap_or_else(|| format_ident!("value"));
        let unboxed = optional_box(&field.ty);
        let ty = unboxed.clone().unwrap_or_else(|| private_paths(&field.ty));
        let mut serde = Vec::new();
        for (key, value) in entries(&field.attrs) {
            let entry = match (key.to_string().as_str(), value) {
                ("default", Some(path)) => {
                    let path = path.value();
                    let name = path.rsplit("defaults::").next().unwrap_or_default();
                    let name = match known.get(name) {
                        Some(function) => {
                            defaults.insert(name.to_owned(), from_typify(function));
                            name.to_owned()
                        }
                        // One of typify's generic functions for numbers and truth values.
                        None => {
                            let name = format!("{owner}_{ident}");
                            defaults.insert(name.clone(), scalar(&name, property, &ty));
                            name
                        }
                    };
                    let path = format!("defaults::{name}");
                    quote!(default = #path)
                }
                ("deserialize_with", Some(_)) => {
                    quote!(
                        deserialize_with = "::tidings::__private::serde::Deserialize::deserialize"
                    )
                }
                (_, Some(value)) => {
                    let value = match key == "rename" {
                        true => value.value(),
                        false => private_path(&value.value()),
                    };
                    quote!(#key = #value)
                }
                (_, None) => quote!(#key),
            };
            serde.push(entry);
        }
        if unboxed.is_some() && !property.required {
            serde.push(quote!(skip_serializing_if = "::std::option::Option::is_none"));
        }
        let optional = unboxed.is_some() || is_option(&field.ty);
        Self { property: property.name.clone(), optional, ident, ty, docs, serde }
    }

    /// The field as it stands in its type.
    pub(super) fn code(&self, visibility: &TokenStream) -> TokenStream {
        let Self { ident, ty, docs, serde, .. } = self;
        let serde = (!serde.is_empty()).then(|| quote!(#[serde(#(#serde),*)]));
        quote!(#docs #serde #visibility #ident: #ty)
    }
}

fn scalar(name: &str, property: &Property, ty: &TokenStream) -> TokenStream {
    let name = format_ident!("{name}");
    let value = property.schema.default.as_ref().map(ToString::to_string).unwrap_or_default();
    let value: TokenStream = value.parse().unwrap_or_default();
    quote!(pub(super) fn #name() -> #ty { #value })
}

fn from_typify(function: &ItemFn) -> TokenStream {
    let code = without_padding(private_paths(function));
    // Formats are parsed: their defaults were checked with the catalog.
    let parses = code.to_string().contains("from_str");
    let allow = parses.then(
        || quote!(#[allow(clippy::unwrap_used, reason = "the catalog's defaults are checked")]),
    );
    quote!(#allow #code)
}

/// The tokens without the fields of [`PADDING`], and without the braces that are empty then.
fn without_padding(tokens: TokenStream) -> TokenStream {
    let mut cleaned = Vec::new();
    for token in tokens {
        let TokenTree::Group(group) = token else {
            cleaned.push(token);
            continue;
        };
        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
        let fields = inner.split_inclusive(is_comma);
        let kept: Vec<TokenTree> =
            fields.filter(|field| !is_padding(field)).flatten().cloned().collect();
        let is_unit = kept.is_empty() && !inner.is_empty();
        if !is_unit {
            let inner = without_padding(kept.into_iter().collect());
            cleaned.push(Group::new(group.delimiter(), inner).into());
        }
    }
    cleaned.into_iter().collect()
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')
}

fn is_padding(field: &[TokenTree]) -> bool {
    let Some(TokenTree::Ident(name)) = field.first() else { return false };
    PADDING.iter().any(|padding| name == padding)
}

/// The name that a field has in JSON.
pub(super) fn json_name(field: &syn::Field) -> Option<String> {
    renamed(&field.attrs).or_else(|| field.ident.as_ref().map(ToString::to_string))
}

/// The value of `#[serde(rename = "…")]`.
pub(super) fn renamed(attributes: &[Attribute]) -> Option<String> {
    let mut entries = entries(attributes).into_iter();
    entries.find(|(key, _)| key == "rename").and_then(|(_, value)| Some(value?.value()))
}

/// What stands in `#[serde(…)]`.
fn entries(attributes: &[Attribute]) -> Vec<(Ident, Option<LitStr>)> {
    let mut entries = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let parsed = attribute.parse_nested_meta(|meta| {
            let value = meta.value().and_then(syn::parse::ParseBuffer::parse).ok();
            entries.extend(meta.path.get_ident().cloned().map(|key| (key, value)));
            Ok(())
        });
        debug_assert!(parsed.is_ok(), "typify writes serde attributes of words and texts only");
    }
    entries
}

fn is_option(ty: &Type) -> bool {
    only_argument(ty, "Option").is_some()
}

/// `Option<Box<T>>`, where the type is `Box<Option<T>>`: to break a ring of types either does, and typify takes its pick.
fn optional_box(ty: &Type) -> Option<TokenStream> {
    let option = only_argument(ty, "Box")?;
    let inner = private_paths(only_argument(option, "Option")?);
    Some(quote!(::std::option::Option<::std::boxed::Box<#inner>>))
}

/// The `T` of `name<T>`.
fn only_argument<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        syn::GenericArgument::Type(inner) => Some(inner),
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

/// The same for a path in a text.
fn private_path(path: &str) -> String {
    path.replace(' ', "").replace("::serde_json::", "::tidings::__private::serde_json::")
}

//! Gives the types that come from typify the form of the rest of the generated code: our derives, the catalog's docs,
//! fields in the catalog's order, and only the impls that somebody needs.

use std::collections::BTreeMap;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{Fields, Item, ItemEnum, ItemStruct};

use super::constraints::Constraints;
use super::docs::Docs;
use super::engine::Types;
use super::field::{self, Defaults, Field};
use super::lower::Definition;
use super::names;
use crate::model::{Property, Schema, Scope, Shape, Tagging};

/// One type, ready to stand in a module.
pub(super) struct Type {
    /// Its Rust name.
    pub(super) name: String,
    /// The type and its impls.
    pub(super) code: TokenStream,
    /// Its fields, where it is a struct with names for them.
    pub(super) fields: Vec<Field>,
}

/// Shapes the types of one set of definitions.
pub(super) struct Shaper<'a, 'd> {
    pub(super) scope: Scope<'a>,
    pub(super) constraints: &'d Constraints<'a>,
    pub(super) types: &'d Types,
    /// What [`rename`] will call the types that are not to have typify's name.
    pub(super) names: &'d BTreeMap<String, TokenStream>,
    /// Collects the functions that serde's `default` attributes name.
    pub(super) defaults: &'d mut Defaults,
}

impl Shaper<'_, '_> {
    /// The code of one definition; none where typify left it out.
    ///
    /// `docs` and `attributes` stand before the derives.
    pub(super) fn shape(
        &mut self,
        definition: &Definition<'_>,
        docs: Docs,
        attributes: &TokenStream,
    ) -> Option<Type> {
        let item = self.types.items.get(self.types.names.get(&definition.internal)?)?;
        let docs = docs.or(definition.fallback.as_str());
        let (code, fields) = match item {
            Item::Struct(item) => match &item.fields {
                Fields::Named(_) => self.record(definition, item, &docs, attributes),
                _ => (self.newtype(definition, item, &docs, attributes), Vec::new()),
            },
            Item::Enum(item) => match &definition.schema.shape {
                Shape::OneOf(_) => (self.tagged(definition, item, &docs, attributes), Vec::new()),
                _ => (self.plain_enum(item, &docs, attributes), Vec::new()),
            },
            _ => return None,
        };
        Some(Type { name: definition.name.clone(), code, fields })
    }

    fn record(
        &mut self,
        definition: &Definition<'_>,
        item: &ItemStruct,
        docs: &Docs,
        attributes: &TokenStream,
    ) -> (TokenStream, Vec<Field>) {
        let name = &item.ident;
        let owner = names::snake(&definition.name);
        let properties = self.scope.properties(definition.schema);
        let fields = self.fields(&owner, properties, &item.fields);
        let code: Vec<_> = fields.iter().map(|field| field.code(&quote!(pub))).collect();
        let derive = derive(&[], &TokenStream::new());
        let check = self.constraints.record(name, definition.schema, &fields);
        let allow =
            (!attributes.is_empty() && !check.is_empty()).then(|| quote!(#[allow(deprecated)]));
        let code = quote! {
            #docs
            #attributes
            #derive
            pub struct #name { #(#code,)* }
            #allow
            #check
        };
        (code, fields)
    }

    fn newtype(
        &self,
        definition: &Definition<'_>,
        item: &ItemStruct,
        docs: &Docs,
        attributes: &TokenStream,
    ) -> TokenStream {
        let name = &item.ident;
        let Some(inner) = item.fields.iter().next().map(|field| field::private_paths(&field.ty))
        else {
            return TokenStream::new();
        };
        let hashes = item.attrs.iter().any(|attribute| {
            attribute.path().is_ident("derive")
                && attribute.meta.to_token_stream().to_string().contains("Hash")
        });
        let derive = derive(if hashes { EQUAL } else { &[] }, &quote!(transparent));
        let from = quote! {
            impl ::core::convert::From<#inner> for #name {
                fn from(value: #inner) -> Self {
                    Self(value)
                }
            }
        };
        let display = self
            .types
            .displayed
            .contains(&name.to_string())
            .then(|| display(name, &quote!(::core::fmt::Display::fmt(&self.0, f))));
        let check = self.constraints.newtype(name, definition.schema);
        quote! {
            #docs
            #attributes
            #derive
            pub struct #name(
                /// The value itself.
                pub #inner
            );
            #from
            #display
            #check
        }
    }

    fn tagged(
        &mut self,
        definition: &Definition<'_>,
        item: &ItemEnum,
        docs: &Docs,
        attributes: &TokenStream,
    ) -> TokenStream {
        let Shape::OneOf(one_of) = &definition.schema.shape else { return TokenStream::new() };
        let Tagging::Internal(tag) = &one_of.tagging else { return TokenStream::new() };
        let name = &item.ident;
        let mut variants = TokenStream::new();
        let mut arms = Vec::new();
        // typify keeps the order of `oneOf`.
        for (variant, described) in item.variants.iter().zip(&one_of.variants) {
            let ident = &variant.ident;
            let rename = self.wire_name(ident, described.label());
            let owner =
                format!("{}_{}", names::snake(&definition.name), names::snake(&ident.to_string()));
            let properties = self.scope.properties(&described.schema);
            let fields = self.fields(&owner, properties, &variant.fields);
            let docs =
                schema_docs(&described.schema).or(format!("`{tag}` is `{}`.", described.label()));
            arms.push(self.constraints.variant(ident, &described.schema, &fields));
            let code = fields.iter().map(|field| field.code(&TokenStream::new()));
            variants.extend(if fields.is_empty() {
                quote!(#docs #rename #ident,)
            } else {
                quote!(#docs #rename #ident { #(#code,)* },)
            });
        }
        let derive = derive(&[], &quote!(tag = #tag));
        let check = self.constraints.alternatives(name, definition.schema, &arms);
        quote! {
            #docs
            #attributes
            #derive
            #[allow(clippy::large_enum_variant, reason = "the variants are as the schema has them")]
            pub enum #name { #variants }
            #check
        }
    }

    /// The fields in the catalog's order.
    fn fields(&mut self, owner: &str, properties: &[Property], fields: &Fields) -> Vec<Field> {
        let mut by_name: BTreeMap<String, &syn::Field> =
            fields.iter().filter_map(|field| Some((field::json_name(field)?, field))).collect();
        let ordered = properties.iter().filter_map(|property| {
            let field = by_name.remove(&property.name)?;
            Some((property, field))
        });
        ordered
            .map(|(property, field)| {
                let docs = field_docs(self.scope, property);
                Field::new(owner, property, field, docs, &self.types.defaults, self.defaults)
            })
            .collect()
    }

    fn plain_enum(&self, item: &ItemEnum, docs: &Docs, attributes: &TokenStream) -> TokenStream {
        let name = &item.ident;
        let mut variants = TokenStream::new();
        let mut arms = TokenStream::new();
        for variant in &item.variants {
            let ident = &variant.ident;
            let value = field::renamed(&variant.attrs).unwrap_or_else(|| ident.to_string());
            let rename = self.wire_name(ident, &value);
            let docs = Docs::default().text(format!("`{}`.", value.replace('`', "'")));
            variants.extend(quote!(#docs #rename #ident,));
            arms.extend(quote!(Self::#ident => #value,));
        }
        let derive = derive(FIELDLESS, &TokenStream::new());
        let display = display(
            name,
            &quote! {
                let text = match self { #arms };
                f.write_str(text)
            },
        );
        quote! {
            #docs
            #attributes
            #derive
            pub enum #name { #variants }
            #display
        }
    }

    /// What serde has to know where a variant is not called what stands on the wire. [`rename`] may yet give it the name
    /// of a type.
    fn wire_name(&self, variant: &Ident, value: &str) -> TokenStream {
        let is_renamed = self.names.contains_key(&variant.to_string());
        let differs = is_renamed || variant != value;
        if differs { quote!(#[serde(rename = #value)]) } else { TokenStream::new() }
    }
}

fn display(name: &Ident, body: &TokenStream) -> TokenStream {
    quote! {
        impl ::core::fmt::Display for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #body
            }
        }
    }
}

/// Beyond what every type derives: for those without a floating-point number in them.
const EQUAL: &[&str] = &["Eq", "Hash"];
/// The same for enums without fields.
const FIELDLESS: &[&str] = &["Copy", "Eq", "Hash"];

/// What every type derives and `more`; `serde` is said to serde beside it.
fn derive(more: &[&str], serde: &TokenStream) -> TokenStream {
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
        .map(|(_, path)| path);
    let comma = (!serde.is_empty()).then(|| quote!(,));
    quote! {
        #[derive(
            #(#derived,)*
            ::tidings::__private::serde::Serialize,
            ::tidings::__private::serde::Deserialize
        )]
        #[serde(crate = "::tidings::__private::serde" #comma #serde)]
    }
}

/// What a schema says about itself.
pub(super) fn schema_docs(schema: &Schema) -> Docs {
    let docs =
        Docs::default().catalog(schema.title.as_deref()).catalog(schema.description.as_deref());
    if schema.deprecated { docs.text("**Deprecated.**") } else { docs }
}

fn field_docs(scope: Scope<'_>, property: &Property) -> Docs {
    let schema = &property.schema;
    let target = scope.follow(schema);
    let mut docs = schema_docs(schema).or(format!("`{}`.", property.name));
    let facts = super::facts_line(schema);
    docs = docs.text(facts);
    if let Some(pii) = schema.pii.or(target.pii) {
        docs = docs.text(format!("Personal data: {}.", crate::emit::facts::personal(pii)));
    }
    docs
}

/// Replaces identifiers, wherever they stand.
pub(super) fn rename(tokens: TokenStream, names: &BTreeMap<String, TokenStream>) -> TokenStream {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Ident(ident) => match names.get(&ident.to_string()) {
                Some(path) => path.clone(),
                None => TokenTree::Ident(ident).into(),
            },
            TokenTree::Group(group) => {
                let mut renamed = Group::new(group.delimiter(), rename(group.stream(), names));
                renamed.set_span(group.span());
                TokenTree::Group(renamed).into()
            }
            other => other.into(),
        })
        .collect()
}

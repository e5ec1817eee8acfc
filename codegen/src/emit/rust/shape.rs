//! Writes structs, enums of words and newtypes: our derives, the catalog's docs, fields in the catalog's order, and only
//! the impls that somebody needs. The types of fields come from typify.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::constraints::Constraints;
use super::default::Defaults;
use super::derive::{EQUAL, FIELDLESS, derive, display};
use super::docs::Docs;
use super::engine::FieldTypes;
use super::field::{Field, Named};
use super::lower::{self, Definition};
use super::redaction::Debug;
use super::rename::{Names, rename};
use super::{codec, names};
use crate::model::{Object, Property, Schema, Scope, Shape};

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
    /// The types of the fields of each definition.
    pub(super) types: &'d BTreeMap<String, FieldTypes>,
    /// What stands in them for what.
    pub(super) names: &'d Names,
    /// Collects the functions that give what absent properties are.
    pub(super) defaults: &'d mut Defaults<'a>,
}

/// What is said of a type before it says what it is.
pub(super) struct Head<'h> {
    pub(super) name: Ident,
    pub(super) docs: Docs,
    /// They stand before the derives.
    pub(super) attributes: &'h TokenStream,
}

impl Shaper<'_, '_> {
    /// The code of one definition; none where typify left it out.
    pub(super) fn shape(
        &mut self,
        definition: &Definition<'_>,
        docs: Docs,
        attributes: &TokenStream,
    ) -> Option<Type> {
        let types = self.types.get(&definition.internal)?;
        let docs = docs.or(definition.fallback.as_str());
        let head = Head { name: names::ident(&definition.name), docs, attributes };
        let owner = names::snake(&definition.name);
        let mut fields = Vec::new();
        let code = match &definition.schema.shape {
            Shape::Object(object) => {
                fields = self.fields(&owner, object, |key| types.get(key));
                let check = self.constraints.record(&head.name, definition.schema, &fields);
                let debug = Debug::record(self.scope, &head, definition.schema, object, &fields);
                record(&head, &fields, &check, &debug)
            }
            Shape::Enum(words) => {
                plain_enum(&head, words, &Debug::whole(self.scope, &head, definition.schema))
            }
            Shape::OneOf(one_of) => self.one_of(&head, definition.schema, one_of, types),
            shape => {
                let inner = rename(types.get(lower::VALUE)?, self.names);
                let debug = Debug::whole(self.scope, &head, definition.schema);
                let code = newtype(&head, shape, &inner, &debug);
                let check = self.constraints.newtype(&head.name, definition.schema);
                quote!(#code #check)
            }
        };
        Some(Type { name: definition.name.clone(), code, fields })
    }

    /// The fields in the catalog's order.
    pub(super) fn fields<'t>(
        &mut self,
        owner: &str,
        object: &Object,
        ty: impl Fn(&str) -> Option<&'t TokenStream>,
    ) -> Vec<Field> {
        let mut fields = Vec::new();
        for (number, property) in object.properties.iter().enumerate() {
            let Some(ty) = ty(&lower::field(number)) else { continue };
            let docs = field_docs(self.scope, property);
            let ty = Named { here: rename(ty, self.names), raw: ty };
            fields.push(Field::new(owner, property, &ty, docs, self.scope, self.defaults));
        }
        if let Some(ty) = object.extra.as_ref().and_then(|_| ty(lower::EXTRA)) {
            fields.push(Field::extra(&fields, rename(ty, self.names)));
        }
        fields
    }
}

fn record(head: &Head<'_>, fields: &[Field], check: &TokenStream, debug: &Debug) -> TokenStream {
    let Head { name, docs, attributes } = head;
    let code = fields.iter().map(|field| field.code(&quote!(pub)));
    let derive = derive(debug, &[]);
    let codec = codec::record(name, fields);
    let is_deprecated = !attributes.is_empty() && !check.is_empty();
    let allow = is_deprecated.then(|| quote!(#[allow(deprecated)]));
    quote! {
        #docs
        #attributes
        #derive
        pub struct #name { #(#code,)* }
        #codec
        #debug
        #allow
        #check
    }
}

fn newtype(head: &Head<'_>, shape: &Shape, inner: &TokenStream, debug: &Debug) -> TokenStream {
    let Head { name, docs, attributes } = head;
    let is_scalar = matches!(
        shape,
        Shape::String(_) | Shape::Integer(_) | Shape::Number(_) | Shape::Boolean { .. }
    );
    let is_equal = is_scalar && !matches!(shape, Shape::Number(_));
    let derive = derive(debug, if is_equal { EQUAL } else { &[] });
    let codec = codec::newtype(name);
    let display = is_scalar.then(|| display(name, &quote!(::core::fmt::Display::fmt(&self.0, f))));
    quote! {
        #docs
        #attributes
        #derive
        pub struct #name(
            /// The value itself.
            pub #inner
        );

        #codec

        impl ::core::convert::From<#inner> for #name {
            fn from(value: #inner) -> Self {
                Self(value)
            }
        }

        #debug
        #display
    }
}

fn plain_enum(head: &Head<'_>, words: &[String], debug: &Debug) -> TokenStream {
    let Head { name, docs, attributes } = head;
    let mut variants = TokenStream::new();
    for word in words {
        let ident = names::variant(word);
        let docs = Docs::default().text(format!("`{}`.", word.replace('`', "'")));
        variants.extend(quote!(#docs #ident,));
    }
    let derive = derive(debug, FIELDLESS);
    let codec = codec::words(name, words);
    quote! {
        #docs
        #attributes
        #derive
        pub enum #name { #variants }
        #codec
        #debug
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
        docs = docs.text(format!("Personal data: {}.", crate::facts::personal(pii)));
    }
    docs
}

//! Fields, and what holds of them where their properties are absent.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

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
    /// What it is where its property is absent.
    pub(super) absent: Presence,
    ty: TokenStream,
    docs: Docs,
}

/// A type as it is named beside the types, and before it got a name there.
pub(super) struct Named<'t> {
    pub(super) here: TokenStream,
    pub(super) raw: &'t TokenStream,
}

/// What holds where a property is absent.
pub(super) enum Presence {
    /// The object is refused.
    Required,
    /// It is `None`.
    Optional,
    /// It is empty.
    OrEmpty,
    /// It is the `Default` of its type, or what the function of this name in `defaults` gives.
    OrDefault(Option<String>),
}

impl Field {
    /// The field of a property, of which `ty` is the type where it is there and not null.
    pub(super) fn new(
        owner: &str,
        property: &Property,
        ty: &Named<'_>,
        docs: Docs,
        scope: Scope<'_>,
        defaults: &mut Defaults<'_>,
    ) -> Self {
        let schema = &property.schema;
        let name = names::field(&property.name);
        let nullable = scope.is_nullable(schema);
        let default = if property.required { None } else { schema.default.as_ref() };
        let absent = match default {
            Some(value) if value.is_null() => Presence::Optional,
            Some(value) => {
                let name = format!("{owner}_{name}");
                Presence::OrDefault(match defaults.of(&name, schema, value, ty.raw, nullable) {
                    Absent::Default => None,
                    Absent::Function(name) => Some(name),
                })
            }
            None if property.required => Presence::Required,
            None if is_collection(&schema.shape) && !nullable => Presence::OrEmpty,
            None => Presence::Optional,
        };
        let empty_is_absent = matches!(absent, Presence::OrEmpty);
        let optional = nullable || matches!(absent, Presence::Optional);
        let ty = &ty.here;
        let ty = if optional { quote!(::std::option::Option<#ty>) } else { ty.clone() };
        let ident = names::segment(&name);
        Self {
            property: property.name.clone(),
            ident,
            optional,
            empty_is_absent,
            is_extra: false,
            absent,
            ty,
            docs,
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
            absent: Presence::OrEmpty,
            ty,
            docs: Docs::default().text("All other properties."),
        }
    }

    /// The property that it stands for.
    pub(super) fn described_by<'o>(&self, object: &'o Object) -> Option<&'o Property> {
        let mut properties = object.properties.iter().filter(|_| !self.is_extra);
        properties.find(|property| property.name == self.property)
    }

    /// The field as it stands in its type.
    pub(super) fn code(&self, visibility: &TokenStream) -> TokenStream {
        let Self { ident, ty, docs, .. } = self;
        quote!(#docs #visibility #ident: #ty)
    }
}

impl Presence {
    /// What the runtime calls it.
    pub(super) fn name(&self) -> Ident {
        let name = match self {
            Self::Required => "Required",
            Self::Optional => "Optional",
            Self::OrEmpty => "OrEmpty",
            Self::OrDefault(_) => "OrDefault",
        };
        format_ident!("{name}")
    }

    /// The function that gives the value.
    pub(super) fn function(&self) -> Option<TokenStream> {
        let Self::OrDefault(Some(name)) = self else { return None };
        let name = names::segment(name);
        Some(quote!(defaults::#name))
    }
}

/// Whether it is empty where its property is absent.
fn is_collection(shape: &Shape) -> bool {
    match shape {
        Shape::Array(array) => array.fixed_length().is_none(),
        Shape::Map(_) => true,
        _ => false,
    }
}

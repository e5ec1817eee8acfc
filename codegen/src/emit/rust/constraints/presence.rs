//! The fields of an object, and which of its properties are there.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use crate::emit::rust::field::Field;
use crate::model::Object;

/// An object as a pattern or a struct holds it.
pub(super) struct Fields<'f> {
    pub(super) fields: &'f [Field],
    /// Whether its fields are those of `self`, instead of bindings.
    pub(super) of_self: bool,
    /// Whether it has a property beside them that tells which alternative it is.
    pub(super) tagged: bool,
}

impl Fields<'_> {
    /// A reference to a field.
    pub(super) fn place(&self, field: &Field) -> TokenStream {
        let place = self.bare(field);
        if self.of_self { quote!(&#place) } else { place }
    }

    /// A field, to call a method of.
    pub(super) fn bare(&self, field: &Field) -> TokenStream {
        if self.of_self {
            let ident = &field.ident;
            quote!(self.#ident)
        } else {
            let binding = binding(field);
            quote!(#binding)
        }
    }

    /// How many properties are there in any case, and whether each other one is, as code.
    pub(super) fn presence(&self, object: &Object) -> (TokenStream, Vec<TokenStream>) {
        let perhaps: Vec<_> = self
            .fields
            .iter()
            .filter(|field| may_be_absent(object, field))
            .map(|field| self.is_some(field))
            .collect();
        let extra = self.extra().map(|field| self.bare(field));
        let known = self.fields.len() + usize::from(self.tagged) - usize::from(extra.is_some());
        let always = Literal::usize_unsuffixed(known - perhaps.len());
        let always = match extra {
            Some(extra) if known == perhaps.len() => quote!(#extra.len()),
            Some(extra) => quote!(#always + #extra.len()),
            None => quote!(#always),
        };
        (always, perhaps)
    }

    /// The field of the properties that the struct does not know.
    pub(super) fn extra(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.is_extra)
    }

    /// Whether a property is there, as code; none where it always is.
    pub(super) fn is_there(&self, object: &Object, property: &str) -> Option<TokenStream> {
        let field = self.fields.iter().find(|field| field.property == property)?;
        may_be_absent(object, field).then(|| self.is_some(field))
    }

    /// Whether a field that may be left out is there.
    pub(super) fn is_some(&self, field: &Field) -> TokenStream {
        let place = self.bare(field);
        if field.empty_is_absent { quote!(!#place.is_empty()) } else { quote!(#place.is_some()) }
    }
}

/// The name that a field has in the arm of a variant.
pub(super) fn binding(field: &Field) -> Ident {
    if field.ident == "at" { format_ident!("at_field") } else { field.ident.clone() }
}

/// Whether the field is left out where it is `None`, or empty.
fn may_be_absent(object: &Object, field: &Field) -> bool {
    let property = field.described_by(object);
    (field.optional || field.empty_is_absent) && property.is_some_and(|property| !property.required)
}

/// Whether it matters for the object if the field is there.
pub(super) fn counts(object: &Object, field: &Field) -> bool {
    let counted = object.min_properties.is_some() || object.max_properties.is_some();
    let mut depends = object.dependent_required.iter();
    if field.is_extra {
        return counted;
    }
    let named = depends
        .any(|(property, others)| *property == field.property || others.contains(&field.property));
    may_be_absent(object, field) && (counted || named)
}

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{
    Data, DeriveInput, Fields, GenericArgument, Ident, Path, PathArguments, Type,
    Variant as SynVariant,
};

use crate::errors::Errors;

/// An enum of events.
pub(super) struct Union<'a> {
    pub(super) name: &'a Ident,
    pub(super) variants: Vec<Variant<'a>>,
}

/// One of its events.
pub(super) struct Variant<'a> {
    pub(super) name: &'a Ident,
    pub(super) event: &'a Type,
    /// The catalog's type of the event.
    pub(super) contract: TokenStream,
    /// Whether it is kept in a `Box`.
    pub(super) boxed: bool,
}

pub(super) fn validate<'a>(item: &'a DeriveInput, errors: &mut Errors) -> Option<Union<'a>> {
    let name = &item.ident;
    if !item.generics.params.is_empty() {
        errors.push(
            &item.generics.params,
            "a union is one type, which owns its events: remove the parameters",
        );
    }
    let data = match &item.data {
        Data::Enum(data) => data,
        Data::Struct(data) => {
            errors.push(data.struct_token, "a union is an enum, with a variant for each event");
            return None;
        }
        Data::Union(data) => {
            errors.push(data.union_token, "a union of events is an enum, with a variant for each");
            return None;
        }
    };
    if data.variants.is_empty() {
        errors.push(
            name,
            "a union holds at least one event: write a variant such as `Created(orders::OrderCreated)`",
        );
    }
    let mut variants: Vec<Variant<'a>> = Vec::new();
    for written in &data.variants {
        let Some(variant) = variant(written, errors) else { continue };
        let text = variant.contract.to_string();
        let same = |other: &&Variant<'_>| other.contract.to_string() == text;
        match variants.iter().find(same) {
            Some(other) => errors.push(
                variant.event,
                format_args!("`{}` holds this event already: remove one of them", other.name),
            ),
            None => variants.push(variant),
        }
    }
    Some(Union { name, variants })
}

fn variant<'a>(variant: &'a SynVariant, errors: &mut Errors) -> Option<Variant<'a>> {
    let name = &variant.ident;
    let fields = match &variant.fields {
        Fields::Unnamed(fields) => &fields.unnamed,
        Fields::Named(fields) => {
            errors.push(
                fields,
                format_args!(
                    "a variant holds an event alone: write `{name}(orders::OrderCreated)`"
                ),
            );
            return None;
        }
        Fields::Unit => {
            errors.push(
                name,
                format_args!("which event is `{name}`? Write it as `{name}(orders::OrderCreated)`"),
            );
            return None;
        }
    };
    let mut fields = fields.iter();
    match (fields.next(), fields.next()) {
        (Some(event), None) => {
            let inner = inside_box(&event.ty);
            let boxed = inner.is_some();
            let event = inner.unwrap_or(&event.ty);
            let contract = match contract(variant, errors)? {
                Some(path) => path.into_token_stream(),
                None => event.to_token_stream(),
            };
            Some(Variant { name, event, contract, boxed })
        }
        (None, _) => {
            errors.push(
                &variant.fields,
                format_args!("which event is `{name}`? Write it as `{name}(orders::OrderCreated)`"),
            );
            None
        }
        (_, Some(second)) => {
            errors
                .push(second, "a variant holds an event alone: give this one a variant of its own");
            None
        }
    }
}

/// What the variant's `#[event(…)]` names; it has none where it holds the catalog's own type.
fn contract(variant: &SynVariant, errors: &mut Errors) -> Option<Option<Path>> {
    let mut attributes =
        variant.attrs.iter().filter(|attribute| attribute.path().is_ident("event"));
    let Some(attribute) = attributes.next() else { return Some(None) };
    if let Some(second) = attributes.next() {
        errors.push(second, "a variant holds one event: remove this attribute");
        return None;
    }
    match attribute.parse_args_with(Path::parse_mod_style) {
        Ok(path) => Some(Some(path)),
        Err(_) => {
            errors.push(
                attribute,
                "name the catalog's type for this event, as in `#[event(orders::OrderCreated)]`",
            );
            None
        }
    }
}

/// The `T` of `Box<T>`.
fn inside_box(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Box")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) => Some(inner),
        _ => None,
    }
}

use syn::{Attribute, Data, DeriveInput, Ident, Path};

use super::EXPECTED;
use super::parse::EventAttribute;
use crate::errors::Errors;
use crate::options::Opt;

/// A struct that stands for an event of the catalog.
pub(super) struct Event<'a> {
    pub(super) name: &'a Ident,
    /// The generated type.
    pub(super) contract: Path,
    /// The lints that are allowed on it, among them the use of an old version.
    pub(super) allowed: Vec<&'a Attribute>,
    /// Whether the item can be an event at all.
    pub(super) fits: bool,
}

pub(super) fn validate<'a>(
    item: &'a DeriveInput,
    attributes: Vec<EventAttribute<'_>>,
    errors: &mut Errors,
) -> Option<Event<'a>> {
    let before = errors.len();
    let name = &item.ident;
    match &item.data {
        Data::Struct(_) => {}
        Data::Enum(data) => errors.push(
            data.enum_token,
            "an event is a struct: write the cases as an enum in one of its fields",
        ),
        Data::Union(data) => errors.push(data.union_token, "an event is a struct"),
    }
    if !item.generics.params.is_empty() {
        errors.push(
            &item.generics.params,
            "an event is one type, which owns what it holds: remove the parameters",
        );
    }
    let fits = errors.len() == before;
    if attributes.is_empty() {
        errors.push(name, format_args!("which event is `{name}`? {EXPECTED}"));
    }
    let allowed =
        item.attrs.iter().filter(|attribute| attribute.path().is_ident("allow")).collect();
    Some(Event { name, contract: contract(attributes, errors)?, allowed, fits })
}

/// The one type that the attributes name.
fn contract(attributes: Vec<EventAttribute<'_>>, errors: &mut Errors) -> Option<Path> {
    let mut contract = None;
    for (index, EventAttribute { attribute, options }) in attributes.into_iter().enumerate() {
        if index > 0 {
            errors.push(attribute, "a struct stands for one event: remove this attribute");
            continue;
        }
        for option in options {
            match option {
                Opt::Path(path) if contract.is_none() => contract = Some(path),
                Opt::Path(path) => errors
                    .push(path, "a struct stands for one event: write another struct for this one"),
                Opt::Named(path, _) => errors.push(
                    &path,
                    format_args!(
                        "unknown option `{}`: {EXPECTED}; all else follows from it",
                        path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default(),
                    ),
                ),
                Opt::Other(token) => errors.push(token, EXPECTED),
            }
        }
    }
    contract
}

use syn::{Attribute, DeriveInput, Meta};

use super::EXPECTED;
use crate::errors::Errors;
use crate::options::{self, Opt};

/// An `#[event(…)]`, as written.
pub(super) struct EventAttribute<'a> {
    pub(super) attribute: &'a Attribute,
    pub(super) options: Vec<Opt>,
}

/// Every `#[event(…)]`. One that cannot be read counts, without options.
pub(super) fn attributes<'a>(
    item: &'a DeriveInput,
    errors: &mut Errors,
) -> Vec<EventAttribute<'a>> {
    let attributes = item.attrs.iter().filter(|attribute| attribute.path().is_ident("event"));
    attributes
        .map(|attribute| {
            let options = read(attribute).unwrap_or_else(|error| {
                errors.add(error);
                Vec::new()
            });
            EventAttribute { attribute, options }
        })
        .collect()
}

fn read(attribute: &Attribute) -> syn::Result<Vec<Opt>> {
    let Meta::List(list) = &attribute.meta else {
        return Err(syn::Error::new_spanned(&attribute.meta, EXPECTED));
    };
    if list.tokens.is_empty() {
        return Err(syn::Error::new_spanned(&attribute.meta, EXPECTED));
    }
    list.parse_args_with(options::parse)
}

//! `#[event_handler(billing::invoicing)]`.

use proc_macro2::TokenStream;
use syn::Path;
use syn::parse::Parser as _;

use crate::errors::Errors;
use crate::options::{self, Opt};

const EXPECTED: &str =
    "name the subscription's module, as in `#[event_handler(billing::invoicing)]`";

/// The module of the subscription, where one is named.
pub(super) fn subscription(options: TokenStream, errors: &mut Errors) -> Option<Path> {
    let options = options::parse.parse2(options).unwrap_or_else(|error| {
        errors.add(error);
        Vec::new()
    });
    let mut subscription = None;
    for option in options {
        match option {
            Opt::Path(path) if is_type(&path) => errors.push(path, EXPECTED),
            Opt::Path(path) if subscription.is_some() => errors.push(
                path,
                "a function handles the event of one subscription: write another function for this one",
            ),
            Opt::Path(path) => subscription = Some(path),
            Opt::Named(path) => errors.push(
                &path,
                format_args!(
                    "unknown option `{}`: {EXPECTED}; retries and limits are set in the catalog",
                    path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default(),
                ),
            ),
            Opt::Other(token) => errors.push(token, EXPECTED),
        }
    }
    subscription
}

/// Whether the path ends in the name of a type: `billing::Invoicing`.
fn is_type(path: &Path) -> bool {
    path.segments.last().is_some_and(|last| last.ident.to_string().starts_with(char::is_uppercase))
}

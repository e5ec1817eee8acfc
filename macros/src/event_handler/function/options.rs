//! `#[event_handler(billing::invoicing, idempotent = true)]`.

use proc_macro2::TokenStream;
use syn::Path;
use syn::parse::Parser as _;

use crate::errors::Errors;
use crate::event_handler::idempotent;
use crate::options::{self, Opt};

const EXPECTED: &str =
    "name the subscription's module, as in `#[event_handler(billing::invoicing)]`";

/// What the attribute says.
#[derive(Debug, Default)]
pub(super) struct Options {
    /// The module of the subscription, where one is named.
    pub(super) subscription: Option<Path>,
    /// Whether each event is handled once.
    pub(super) idempotent: bool,
}

pub(super) fn read(options: TokenStream, errors: &mut Errors) -> Options {
    let options = options::parse.parse2(options).unwrap_or_else(|error| {
        errors.add(error);
        Vec::new()
    });
    let mut read = Options::default();
    for option in options {
        match option {
            Opt::Path(path) if idempotent::is(&path) => {
                idempotent::read(&path, TokenStream::new(), errors);
            }
            Opt::Path(path) if is_type(&path) => errors.push(path, EXPECTED),
            Opt::Path(path) if read.subscription.is_some() => errors.push(
                path,
                "a function handles the event of one subscription: write another function for this one",
            ),
            Opt::Path(path) => read.subscription = Some(path),
            Opt::Named(path, value) if idempotent::is(&path) => {
                read.idempotent |= idempotent::read(&path, value, errors);
            }
            Opt::Named(path, _) => errors.push(
                &path,
                format_args!(
                    "unknown option `{}`: {EXPECTED}; retries and limits are set in the catalog",
                    path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default(),
                ),
            ),
            Opt::Other(token) => errors.push(token, EXPECTED),
        }
    }
    read
}

/// Whether the path ends in the name of a type: `billing::Invoicing`.
fn is_type(path: &Path) -> bool {
    path.segments.last().is_some_and(|last| last.ident.to_string().starts_with(char::is_uppercase))
}

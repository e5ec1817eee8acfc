//! `#[event_handler(idempotent = true)]`.

use proc_macro2::TokenStream;
use syn::parse::Parser as _;

use crate::errors::Errors;
use crate::event_handler::idempotent;
use crate::options::{self, Opt};

/// Whether each event is handled once.
pub(super) fn idempotent(options: TokenStream, errors: &mut Errors) -> bool {
    const EXPECTED: &str = "`#[event_handler]` on an `impl` takes no options but `idempotent = true`: the trait names the \
        subscription; retries and limits are set in the catalog";
    let written = options.clone();
    let mut once = false;
    for option in options::parse.parse2(options).unwrap_or_default() {
        match option {
            Opt::Path(path) if idempotent::is(&path) => {
                idempotent::read(&path, TokenStream::new(), errors);
            }
            Opt::Named(path, value) if idempotent::is(&path) => {
                once |= idempotent::read(&path, value, errors);
            }
            _ => {
                errors.push(written, EXPECTED);
                break;
            }
        }
    }
    once
}

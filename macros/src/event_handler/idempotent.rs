//! `idempotent = true`.

use proc_macro2::TokenStream;
use syn::{LitBool, Path};

use crate::errors::Errors;

/// Whether the path names the option.
pub(crate) fn is(path: &Path) -> bool {
    path.is_ident("idempotent")
}

/// The option was named, with this behind its name. Whether each event is handled once.
pub(crate) fn read(path: &Path, value: TokenStream, errors: &mut Errors) -> bool {
    match syn::parse2::<Equals>(value).map(|Equals(value)| value.value) {
        Ok(true) => return true,
        Ok(false) => errors.push(
            path,
            "handlers are called again for an event that comes again unless something else is said: leave it out; where the catalog calls the subscription `idempotent`, all of its handlers are",
        ),
        Err(_) => errors.push(path, "write `idempotent = true`; how long an event is known is set in the catalog"),
    }
    false
}

/// `= true`
struct Equals(LitBool);

impl syn::parse::Parse for Equals {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        input.parse::<syn::Token![=]>()?;
        input.parse().map(Self)
    }
}

//! Identifiers for names from the catalog.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

pub(super) use crate::naming::{pascal, screaming, snake};

/// The name as an identifier; raw where it is a keyword.
pub(super) fn ident(name: &str) -> Ident {
    let name = crate::naming::identifier(name);
    let plain = name.strip_prefix("r#").unwrap_or(&name);
    // Most are of these letters, and syn takes its time.
    let is_plain = plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && plain.starts_with(|c: char| !c.is_ascii_digit());
    if is_plain || syn::parse_str::<Ident>(&name).is_ok() {
        return segment(&name);
    }
    // The checks have reported it.
    let mended: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    segment(&format!("_{mended}"))
}

/// The name of a property's field.
pub(super) fn field(property: &str) -> String {
    // What has no name has been reported.
    crate::naming::field(property).unwrap_or_else(|| "value".to_owned())
}

/// The variant that stands for a text.
pub(super) fn variant(text: &str) -> Ident {
    segment(&crate::naming::variant(text).unwrap_or_else(|| "Other".to_owned()))
}

/// What a part adds to the name of the type that it is in.
pub(super) fn part(part: &str) -> String {
    let name = crate::naming::variant(part).unwrap_or_else(|| "Part".to_owned());
    name.trim_matches('_').to_owned()
}

/// For what has these methods: clippy expects another `self` of some names, and events have any.
pub(super) fn self_convention<'a>(
    methods: impl IntoIterator<Item = &'a str>,
) -> Option<TokenStream> {
    const PREFIXES: [&str; 5] = ["as_", "from_", "into_", "is_", "to_"];
    let odd = |name: &str| name == "new" || PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    methods.into_iter().any(odd).then(|| {
        quote!(#[allow(clippy::wrong_self_convention, reason = "methods have the names of events")])
    })
}

/// One segment of a path; `super` and raw identifiers among them.
pub(super) fn segment(text: &str) -> Ident {
    match text.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(text, Span::call_site()),
    }
}

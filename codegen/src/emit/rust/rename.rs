//! Replaces names in code.

use std::collections::BTreeMap;

use proc_macro2::{Group, TokenStream, TokenTree};

/// Replaces identifiers, wherever they stand.
pub(super) fn rename(tokens: TokenStream, names: &BTreeMap<String, TokenStream>) -> TokenStream {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Ident(ident) => match names.get(&ident.to_string()) {
                Some(path) => path.clone(),
                None => TokenTree::Ident(ident).into(),
            },
            TokenTree::Group(group) => {
                let mut renamed = Group::new(group.delimiter(), rename(group.stream(), names));
                renamed.set_span(group.span());
                TokenTree::Group(renamed).into()
            }
            other => other.into(),
        })
        .collect()
}

//! Replaces names in code.

use std::collections::BTreeMap;

use proc_macro2::{Group, TokenStream, TokenTree};

/// What stands for an identifier.
pub(super) type Names = BTreeMap<String, TokenStream>;

/// Replaces identifiers, wherever they stand.
pub(super) fn rename(tokens: &TokenStream, names: &Names) -> TokenStream {
    let mut renamed = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(ident) => match names.get(&ident.to_string()) {
                Some(path) => renamed.extend(path.clone()),
                None => renamed.push(TokenTree::Ident(ident)),
            },
            TokenTree::Group(group) => {
                let inner = rename(&group.stream(), names);
                renamed.push(TokenTree::Group(Group::new(group.delimiter(), inner)));
            }
            other => renamed.push(other),
        }
    }
    renamed.into_iter().collect()
}

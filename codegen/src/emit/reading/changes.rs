//! What is different between the versions of an event.

use std::fmt::Write as _;

use super::super::markdown::text::code;
use crate::compat::{self, Change, Part};
use crate::json_schema;
use crate::model::{Catalog, Event, Version};

/// From one version to the next.
pub(in crate::emit) struct Between<'a> {
    pub(in crate::emit) before: &'a Version,
    pub(in crate::emit) after: &'a Version,
    pub(in crate::emit) changes: Vec<Change>,
}

/// The changes from each version to the next, the newest first; nothing of versions that are the same.
pub(in crate::emit) fn list<'a>(catalog: &Catalog, event: &'a Event) -> Vec<Between<'a>> {
    let versions: Vec<&Version> = event.versions.values().collect();
    let schema = |version: &Version| json_schema::payload(catalog, version);
    let pairs = versions.windows(2).rev().filter_map(|pair| {
        let [before, after] = pair else { return None };
        let part = Part::Version(event.id.clone(), after.id);
        let changes = compat::payloads(&part, &schema(before), &schema(after));
        Some(Between { before, after, changes })
    });
    pairs.filter(|between| !between.changes.is_empty()).collect()
}

/// The change, behind the place where it is unless that is the payload.
pub(in crate::emit) fn sentence(change: &Change) -> String {
    let path = path(&change.at);
    // What a change names itself need not be named twice.
    let around = match path.rsplit_once('.').unwrap_or(("", &path)) {
        (around, name) if change.text.contains(&code(name)) => around,
        _ => &path,
    };
    if around.is_empty() {
        change.text.clone()
    } else {
        format!("{}: {}", code(around), change.text)
    }
}

/// The way to a value as people write it: `lines[].unit_price`.
pub(in crate::emit) fn path(pointer: &str) -> String {
    let mut path = String::new();
    let mut tokens = pointer.split('/').skip(1);
    while let Some(token) = tokens.next() {
        match token {
            "properties" => {
                let name = tokens.next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
                let dot = if path.is_empty() { "" } else { "." };
                path.push_str(&format!("{dot}{name}"));
            }
            "items" => path.push_str("[]"),
            "prefixItems" => {
                let _ = write!(path, "[{}]", tokens.next().unwrap_or_default());
            }
            "additionalProperties" => path.push_str(".*"),
            // Which of the alternatives it is about, the change says.
            "oneOf" | "anyOf" => drop(tokens.next()),
            other => {
                let _ = write!(path, "/{other}");
            }
        }
    }
    path
}

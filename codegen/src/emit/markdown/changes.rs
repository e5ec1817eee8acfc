//! What is different between the versions of an event.

use std::fmt::Write as _;

use super::text::code;
use crate::compat::{self, Change, Part};
use crate::json_schema;
use crate::model::{Catalog, Event, Version};

/// More changes than this are counted: `tidings diff` lists all.
const SHOWN: usize = 12;

/// The changes from each version to the next, the newest first.
pub(super) fn list(out: &mut String, catalog: &Catalog, event: &Event) {
    let versions: Vec<&Version> = event.versions.values().collect();
    for pair in versions.windows(2).rev() {
        let [before, after] = pair else { continue };
        changes(out, catalog, event, before, after);
    }
}

fn changes(out: &mut String, catalog: &Catalog, event: &Event, before: &Version, after: &Version) {
    let schema = |version: &Version| json_schema::payload(catalog, version);
    let part = Part::Version(event.id.clone(), after.id);
    let changes = compat::payloads(&part, &schema(before), &schema(after));
    if changes.is_empty() {
        return;
    }
    let _ = write!(out, "From {} to {}:\n\n", before.id, after.id);
    for change in changes.iter().take(SHOWN) {
        let _ = writeln!(out, "- {}", sentence(change));
    }
    let more = changes.len().saturating_sub(SHOWN);
    if more > 0 {
        let command = format!("tidings diff {} {} {}", event.id, before.id, after.id);
        let _ = writeln!(out, "- and {more} more: {}", code(&command));
    }
    out.push('\n');
}

/// The change, behind the place where it is unless that is the payload.
fn sentence(change: &Change) -> String {
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
fn path(pointer: &str) -> String {
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

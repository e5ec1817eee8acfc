//! `catalog.lock`: a [`Snapshot`] as text that is good to review.

use serde::Deserialize;
use serde_json::Value;

use super::snapshot::Snapshot;

/// Its name in the catalog's folder.
pub const FILE_NAME: &str = "catalog.lock";

/// The format that this version writes, and the newest that it reads.
const FORMAT: u64 = 1;

/// What stands in it for whoever opens it.
const ABOUT: &str =
    "What was released of this catalog. Written by `tidings release`; commit it, do not edit it.";

/// Values that fit into this many columns stand on one line.
const COLUMNS: usize = 100;

/// Why a lock cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A newer version wrote it, in this format.
    Newer(u64),
    /// It is not what was written: a line, counted from 1, and what is wrong there.
    Broken(usize, String),
}

/// Writes a lock. The same snapshot gives the same text.
pub fn write(snapshot: &Snapshot) -> String {
    // A snapshot is maps with keys of text, which always have a value.
    let mut value = serde_json::to_value(snapshot).unwrap_or_default();
    if let Value::Object(entries) = &mut value {
        entries.insert("about".to_owned(), ABOUT.into());
        entries.insert("format".to_owned(), FORMAT.into());
    }
    let mut text = String::new();
    put(&mut text, &value, 0, 0);
    text.push('\n');
    text
}

/// Reads a lock.
///
/// # Errors
/// It is broken, or was written by a newer version.
pub fn read(text: &str) -> Result<Snapshot, Unreadable> {
    #[derive(Deserialize)]
    struct Format {
        format: u64,
    }
    let broken = |error: serde_json::Error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        Unreadable::Broken(error.line().max(1), message)
    };
    let Format { format } = serde_json::from_str(text).map_err(broken)?;
    if format > FORMAT {
        return Err(Unreadable::Newer(format));
    }
    serde_json::from_str(text).map_err(broken)
}

/// Writes a value from a column on: keys are sorted, and what fits stands on one line.
fn put(text: &mut String, value: &Value, indent: usize, column: usize) {
    let short = flat(value);
    // What a lock holds at the top is shown as blocks, so that what is added is a line of its own.
    let fits = column + short.chars().count() <= COLUMNS && indent >= 2;
    let inner = " ".repeat(indent + 2);
    match value {
        Value::Object(entries) if !entries.is_empty() && !fits => {
            text.push('{');
            let mut separator = "\n";
            for (key, value) in sorted(entries) {
                let key = format!("{inner}{}: ", Value::from(key));
                text.push_str(separator);
                text.push_str(&key);
                put(text, value, indent + 2, key.chars().count());
                separator = ",\n";
            }
            text.push('\n');
            text.push_str(&inner[2..]);
            text.push('}');
        }
        Value::Array(items) if !items.is_empty() && !fits => {
            text.push('[');
            let mut separator = "\n";
            for item in items {
                text.push_str(separator);
                text.push_str(&inner);
                put(text, item, indent + 2, indent + 2);
                separator = ",\n";
            }
            text.push('\n');
            text.push_str(&inner[2..]);
            text.push(']');
        }
        _ => text.push_str(&short),
    }
}

fn flat(value: &Value) -> String {
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            let entries = sorted(entries).into_iter();
            let entries =
                entries.map(|(key, value)| format!("{}: {}", Value::from(key), flat(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(flat).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// In one order, whichever way the entries are kept.
fn sorted(entries: &serde_json::Map<String, Value>) -> Vec<(&str, &Value)> {
    let mut entries: Vec<_> = entries.iter().map(|(key, value)| (key.as_str(), value)).collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}

//! Writes the catalog in the formats of other tools. Exporters read the model and return text; they touch no file.

pub(crate) mod asyncapi;
pub(crate) mod event_catalog;
pub(crate) mod json_schema;

use std::path::PathBuf;

use crate::yaml::Node;

/// A file to write, relative to the folder that the user names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// How a document is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    Yaml,
    Json,
}

/// A document as JSON, ending with a line break.
fn json(document: &Node) -> String {
    // Neither keys that are no text nor broken numbers can be in it.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

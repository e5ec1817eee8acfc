//! YAML as trees that know their places.
//!
//! Scalars keep their text: whether `1.10` is a version or a number is decided by whoever reads it.

mod braces;
mod brackets;
mod compose;
mod explain;
mod value;

pub use compose::{Composed, compose};

use std::path::PathBuf;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, SourceMap, Span};

/// Reads a document and adds it to `sources`. JSON is YAML too.
///
/// ```
/// use tidings_codegen::{source::SourceMap, yaml};
///
/// let mut sources = SourceMap::default();
/// let document = yaml::parse("spec.yaml", "asyncapi: 3.1.0\n", &mut sources).expect("it is YAML");
/// assert_eq!(document.get("asyncapi").and_then(yaml::Node::text), Some("3.1.0"));
/// ```
///
/// # Errors
/// What is wrong with it; at least one finding.
pub fn parse(
    path: impl Into<PathBuf>,
    text: &str,
    sources: &mut SourceMap,
) -> Result<Node, Vec<Diagnostic>> {
    read(sources.add(path, text), text)
}

/// Reads a document that is among the sources already.
pub(crate) fn read(file: FileId, text: &str) -> Result<Node, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let composed = compose(file, text, &mut found);
    match composed.root {
        Some(root) if found.is_empty() => Ok(root),
        None if found.is_empty() => {
            let start = Span { file, start: 0, end: 0 };
            Err(vec![crate::codes::EMPTY_FILE.at(start, "this file is empty")])
        }
        _ => Err(found),
    }
}

/// A value and where it is written.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it is written.
    pub span: Span,
    /// What it holds.
    pub kind: Kind,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A text, a number, a word.
    Scalar {
        /// As it is meant: folded, without escapes and quotes.
        text: String,
        /// Whether it had no quotes.
        plain: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// In the order of the file, without duplicates.
    Mapping(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Clone, Debug)]
pub struct Key {
    /// Where it is written.
    pub span: Span,
    /// As it is meant.
    pub text: String,
}

impl Node {
    /// What is written, in words for a message: "a list", "the text `abc`".
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Sequence(_) => "a list".to_owned(),
            Kind::Mapping(_) => "a mapping".to_owned(),
            Kind::Scalar { text, plain: true } if text.is_empty() => "nothing".to_owned(),
            Kind::Scalar { text, plain } => {
                let what = if *plain { "" } else { "the text " };
                let line = text.lines().next().unwrap_or_default();
                if line.len() < text.len() || line.chars().count() > 40 {
                    let short: String = line.chars().take(40).collect();
                    format!("{what}`{short}…`")
                } else {
                    format!("{what}`{text}`")
                }
            }
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The value, where it is `true` or `false`.
    pub(crate) fn boolean(&self) -> Option<bool> {
        match &self.kind {
            Kind::Scalar { plain: true, .. } => self.to_value().as_bool(),
            _ => None,
        }
    }

    /// The value of a mapping's key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A mapping's key with its value.
    pub fn entry(&self, key: &str) -> Option<(&Key, &Node)> {
        let Kind::Mapping(entries) = &self.kind else { return None };
        entries.iter().find(|(k, _)| k.text == key).map(|(k, value)| (k, value))
    }
}

//! Mappings with fixed keys, as JSON Schema.

use schemars::Schema;
use serde_json::{Map, Value, json};

/// Collects the keys of a mapping.
pub(crate) struct Record {
    description: String,
    required: Vec<&'static str>,
    properties: Map<String, Value>,
}

impl Record {
    /// A mapping that is described by the lines of a doc comment.
    pub(crate) fn new(docs: &[&str]) -> Self {
        Self { description: text(docs), required: Vec::new(), properties: Map::new() }
    }

    /// Adds a key that cannot be left out.
    pub(crate) fn required(&mut self, key: &'static str, docs: &[&str], value: Schema) {
        self.required.push(key);
        self.optional(key, docs, value);
    }

    /// Adds a key that may be left out.
    pub(crate) fn optional(&mut self, key: &'static str, docs: &[&str], mut value: Schema) {
        // What is said about the key says more than what is said about its kind of value.
        if !docs.is_empty() {
            value.insert("description".to_owned(), text(docs).into());
        }
        self.properties.insert(key.to_owned(), value.into());
    }

    /// The schema: the reader refuses any other key.
    pub(crate) fn finish(self) -> Schema {
        let Self { description, required, properties } = self;
        let mut schema = schemars::json_schema!({
            "type": "object",
            "description": description,
            "properties": properties,
            "additionalProperties": false,
        });
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        schema
    }
}

/// The text of a doc comment: an empty line begins a paragraph.
fn text(docs: &[&str]) -> String {
    let lines: Vec<&str> = docs.iter().map(|line| line.trim()).collect();
    let paragraphs: Vec<String> =
        lines.split(|line| line.is_empty()).map(|one| one.join(" ")).collect();
    paragraphs.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn doc_comments_become_paragraphs() {
        let docs = [" The event's type,", " which never changes.", "", " Then more."];
        assert_eq!(text(&docs), "The event's type, which never changes.\n\nThen more.");
    }
}

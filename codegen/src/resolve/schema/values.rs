//! Reads the values of keywords.

use serde_json::Value;

use super::reader::Reader;
use crate::codes;
use crate::model::{Access, Example, Pii};
use crate::yaml::{Kind, Node};

impl Reader<'_, '_, '_> {
    /// The value of a keyword, if it is given and `read` can make sense of it.
    pub(super) fn keyword<T>(
        &mut self,
        schema: &Node,
        keyword: &str,
        expected: &str,
        read: impl FnOnce(&Node) -> Option<T>,
    ) -> Option<T> {
        let node = schema.get(keyword)?;
        let value = read(node);
        if value.is_none() {
            self.cx.found.push(
                codes::SCHEMA_VALUE.at(
                    node.span,
                    format!("`{keyword}` takes {expected}, not {}", node.describe()),
                ),
            );
        }
        value
    }

    pub(super) fn text(&mut self, schema: &Node, keyword: &str) -> Option<String> {
        self.keyword(schema, keyword, "a text", |node| {
            node.text().filter(|text| !text.is_empty()).map(|text| text.trim_end().to_owned())
        })
    }

    pub(super) fn flag(&mut self, schema: &Node, keyword: &str) -> bool {
        self.keyword(schema, keyword, "`true` or `false`", |node| node.to_value().as_bool())
            .unwrap_or_default()
    }

    pub(super) fn count(&mut self, schema: &Node, keyword: &str) -> Option<u64> {
        self.keyword(schema, keyword, "a whole number from 0", |node| node.to_value().as_u64())
    }

    pub(super) fn pii(&mut self, schema: &Node) -> Option<Pii> {
        let words = "`direct`, `indirect` or `sensitive`";
        self.keyword(schema, "x-pii", words, |node| match node.text()? {
            "direct" => Some(Pii::Direct),
            "indirect" => Some(Pii::Indirect),
            "sensitive" => Some(Pii::Sensitive),
            _ => None,
        })
    }

    pub(super) fn access(&mut self, schema: &Node) -> Option<Access> {
        let read_only = self.flag(schema, "readOnly").then_some(Access::ReadOnly);
        let write_only = self.flag(schema, "writeOnly").then_some(Access::WriteOnly);
        read_only.or(write_only)
    }

    pub(super) fn examples(&mut self, schema: &Node) -> Vec<Example> {
        let written = self.keyword(schema, "examples", "a list", |node| match &node.kind {
            Kind::Sequence(examples) => Some(examples.iter().map(Example::of).collect()),
            _ => None,
        });
        written.unwrap_or_default()
    }

    pub(super) fn default(&mut self, schema: &Node) -> Option<Value> {
        schema.get("default").map(Node::to_value)
    }

    /// Reports bounds between which nothing lies.
    pub(super) fn check_bounds<T: PartialOrd>(
        &mut self,
        schema: &Node,
        (low, minimum): (&str, Option<T>),
        (high, maximum): (&str, Option<T>),
    ) {
        let Some((key, _)) = schema.entry(high) else { return };
        if minimum.zip(maximum).is_some_and(|(minimum, maximum)| minimum > maximum) {
            let finding =
                codes::IMPOSSIBLE_BOUNDS.at(key.span, format!("`{high}` is less than `{low}`"));
            self.cx.found.push(match schema.entry(low) {
                Some((other, _)) => finding.and(other.span, "the other bound"),
                None => finding,
            });
        }
    }
}

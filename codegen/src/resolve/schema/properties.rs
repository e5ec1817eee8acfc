//! The properties of an object.

use std::collections::BTreeMap;

use super::reader::Reader;
use crate::codes;
use crate::model::Property;
use crate::naming;
use crate::source::Span;
use crate::syntax::closest;
use crate::yaml::{Kind, Node};

impl Reader<'_, '_, '_> {
    /// Reads `properties` and `required`, without the property `tag`.
    pub(super) fn properties(&mut self, node: &Node, tag: Option<&str>) -> Vec<Property> {
        let required = self.required(node);
        let entries = match node.get("properties").map(|written| (&written.kind, written)) {
            Some((Kind::Mapping(entries), _)) => entries.as_slice(),
            Some((_, written)) => {
                let message =
                    format!("`properties` takes a mapping of schemas, not {}", written.describe());
                self.cx.found.push(codes::SCHEMA_VALUE.at(written.span, message));
                self.cx.gaps.insert(node.span);
                return Vec::new();
            }
            None => &[],
        };
        let known: Vec<&str> = entries.iter().map(|(key, _)| key.text.as_str()).collect();
        for (name, span) in &required {
            if known.contains(&name.as_str()) {
                continue;
            }
            self.cx.gaps.insert(node.span);
            let finding = codes::REQUIRED_UNKNOWN
                .at(*span, format!("`properties` has no `{name}`, which is required"));
            self.cx.found.push(match closest(name, known.iter().copied()) {
                Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
                None => finding.help(format!("describe `{name}` under `properties`")),
            });
        }
        let mut fields: BTreeMap<String, Span> = BTreeMap::new();
        let mut properties = Vec::new();
        for (key, value) in entries {
            if tag == Some(key.text.as_str()) {
                continue;
            }
            self.check_field(&key.text, key.span, &mut fields);
            properties.push(Property {
                span: key.span,
                name: key.text.clone(),
                required: required.contains_key(&key.text),
                schema: self.read(value),
            });
        }
        properties
    }

    /// The names in `required`, each with its place.
    pub(super) fn required(&mut self, node: &Node) -> BTreeMap<String, Span> {
        let mut required = BTreeMap::new();
        let Some(written) = node.get("required") else { return required };
        let Kind::Sequence(items) = &written.kind else {
            let finding = codes::SCHEMA_VALUE.at(
                written.span,
                format!("`required` takes a list of property names, not {}", written.describe()),
            );
            self.cx.found.push(match written.text() {
                Some("true" | "false") => {
                    finding.help("list the property in the `required` of the object around it")
                }
                _ => finding,
            });
            return required;
        };
        for item in items {
            let Some(name) = item.text() else {
                let message = format!("expected a property's name, found {}", item.describe());
                self.cx.found.push(codes::SCHEMA_VALUE.at(item.span, message));
                continue;
            };
            match required.get(name) {
                Some(first) => self.cx.found.push(
                    codes::REQUIRED_UNKNOWN
                        .at(item.span, format!("`{name}` is required twice"))
                        .and(*first, "first named here"),
                ),
                None => {
                    required.insert(name.to_owned(), item.span);
                }
            }
        }
        required
    }

    /// Reports a property that cannot be a field, or not beside the others.
    fn check_field(&mut self, name: &str, span: Span, fields: &mut BTreeMap<String, Span>) {
        let Some(field) = naming::field(name) else {
            self.cx.found.push(
                codes::TYPE_NAME
                    .at(span, format!("`{name}` gives no name for a Rust field"))
                    .help("use ASCII letters and digits, with `_` between words"),
            );
            return;
        };
        match fields.get(&field) {
            Some(first) => self.cx.found.push(
                codes::DUPLICATE_NAME
                    .at(span, format!("two properties become the Rust field `{field}`"))
                    .and(*first, "the other one")
                    .help("rename one of the two"),
            ),
            None => {
                fields.insert(field, span);
            }
        }
    }
}

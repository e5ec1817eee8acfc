//! `$ref`.

use std::path::Path;

use super::reader::{Reader, any};
use super::types::Missing;
use crate::codes;
use crate::model::{Schema, Shape, TypeRef};
use crate::syntax::closest;
use crate::yaml::Node;

impl<'n> Reader<'_, 'n, '_> {
    /// Reads a `$ref` that has nothing but words for people beside it.
    pub(super) fn reference(&mut self, node: &Node) -> Schema {
        let target = node.get("$ref").and_then(|written| self.target(written));
        match target {
            Some((reference, _)) => Schema { shape: Shape::Ref(reference), ..any(node) },
            None => self.gap(node),
        }
    }

    /// What the value of a `$ref` leads to; none where that is nothing, which is reported.
    pub(super) fn target(&mut self, written: &Node) -> Option<(TypeRef, &'n Node)> {
        let Some(text) = written.text().filter(|text| !text.is_empty()) else {
            let message = format!("`$ref` takes a text, not {}", written.describe());
            self.cx.found.push(codes::SCHEMA_VALUE.at(written.span, message));
            return None;
        };
        let from = self.cx.sources.path(written.span).to_owned();
        match self.types.find(self.named, &from, text) {
            Ok(target) => Some(target),
            Err(missing) => {
                self.missing(&missing, text, written, &from);
                None
            }
        }
    }

    fn missing(&mut self, missing: &Missing, text: &str, node: &Node, from: &Path) {
        let finding = codes::UNKNOWN_REFERENCE;
        let finding = match missing {
            Missing::File(path) if self.cx.unread.types.contains(path) => return,
            Missing::File(_) if text.contains("://") => finding
                .at(node.span, "a `$ref` leads to a file of the catalog or to `#/$defs/…`")
                .help("nothing is fetched: save the schema in a folder named `types`"),
            Missing::File(_) if text.contains('\\') => {
                let help = match text.as_bytes().get(1) {
                    Some(b':') => {
                        "write the path from this file: `../types/order-line.yaml`".to_owned()
                    }
                    _ => format!("write `{}`", text.replace('\\', "/")),
                };
                let message = "folders are separated by `/` in a `$ref`, on every system";
                finding.at(node.span, message).help(help)
            }
            Missing::File(path) => {
                let known = self.types.references(from);
                let message = format!("there is no shared type in `{}`", path.display());
                let finding = finding.at(node.span, message);
                match closest(text, known.iter().map(String::as_str)) {
                    Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
                    None => finding.help("shared schemas are files in a folder named `types`"),
                }
            }
            Missing::Definition { name, known } => {
                let finding = finding.at(node.span, format!("`$defs` has no `{name}`"));
                match closest(name, known.iter().map(String::as_str)) {
                    Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
                    None => finding.help("a payload's `$defs` stand beside its `properties`"),
                }
            }
            Missing::Outside => finding
                .at(node.span, "this leads out of the catalog's folder")
                .help("move the schema into a folder `types` of the catalog"),
            Missing::Fragment if text.starts_with("#/definitions/") => finding
                .at(node.span, "a `$ref` leads to a file or to `#/$defs/…`")
                .help(format!("write `{}`", text.replacen("definitions", "$defs", 1))),
            Missing::Fragment => finding
                .at(node.span, "a `$ref` leads to a file or to `#/$defs/…`")
                .help("move the schema into `$defs`, or into a file in a folder `types`"),
            Missing::Itself => finding
                .at(node.span, "a payload cannot contain itself")
                .help("move what repeats into `$defs`"),
        };
        self.cx.found.push(finding);
    }
}

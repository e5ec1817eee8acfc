//! Which keywords may stand where.

use super::keywords::{Type, Use, supported, usage};
use super::reader::{Position, Reader};
use crate::codes;
use crate::source::Span;
use crate::syntax::closest;
use crate::yaml::{Key, Kind, Node};

impl Reader<'_, '_, '_> {
    /// Reports the keywords that are unknown, have no Rust shape, or stand where they mean nothing.
    pub(super) fn check_keywords(&mut self, node: &Node, position: Position) {
        let Kind::Mapping(entries) = &node.kind else { return };
        for (key, value) in entries {
            // A schema is read as often as something is joined with it, and judged once.
            let is_understood = match self.cx.keywords.get(&key.span) {
                Some(known) => *known,
                None => {
                    let is_understood = self.check_keyword(node, key, value, position);
                    self.cx.keywords.insert(key.span, is_understood);
                    is_understood
                }
            };
            if !is_understood {
                self.cx.gaps.insert(node.span);
            }
        }
    }

    /// Returns whether the rest of the schema can be understood without the keyword.
    fn check_keyword(&mut self, node: &Node, key: &Key, value: &Node, position: Position) -> bool {
        match usage(&key.text) {
            // One keyword of a group is enough to report.
            Some(Use::Unsupported(_))
                if matches!(key.text.as_str(), "then" | "else") && node.get("if").is_some() =>
            {
                true
            }
            Some(Use::Unsupported(advice)) => {
                self.cx.found.push(
                    codes::SCHEMA_UNSUPPORTED
                        .at(key.span, format!("`{}` has no Rust shape", key.text))
                        .help(advice),
                );
                false
            }
            Some(_) if key.text == "$defs" && position == Position::Inner => {
                self.cx.found.push(
                    codes::SCHEMA_MISPLACED
                        .at(key.span, "`$defs` stands at the top of a payload or of a type's file")
                        .help("move it there"),
                );
                true
            }
            Some(_) if key.text == "$schema" => {
                self.check_dialect(key.span, value);
                true
            }
            Some(_) => true,
            None => !self.unknown(&key.text, key.span, value),
        }
    }

    fn check_dialect(&mut self, span: Span, value: &Node) {
        const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
        if value.text() != Some(DIALECT) {
            self.cx.found.push(
                codes::SCHEMA_VALUE
                    .at(span, "the schemas of a catalog are JSON Schema 2020-12")
                    .help(format!("write `$schema: {DIALECT}`, or leave it out")),
            );
        }
    }

    /// Reports a keyword that is not known, unless it is an extension; returns whether it did.
    fn unknown(&mut self, keyword: &str, span: Span, value: &Node) -> bool {
        if keyword.starts_with("x-") && closest(keyword, ["x-pii"].into_iter()).is_none() {
            // Extensions of others are theirs.
            return false;
        }
        let finding =
            codes::SCHEMA_KEYWORD.at(span, format!("JSON Schema has no keyword `{keyword}`"));
        let is_schema = matches!(&value.kind, Kind::Mapping(_));
        self.cx.found.push(match closest(keyword, supported()) {
            Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
            None if is_schema => {
                finding.help(format!("if `{keyword}` is a property, write it under `properties`"))
            }
            None => finding.help("the keywords are listed in docs/catalog.md, \"Payload schemas\""),
        });
        true
    }

    /// Reports the keywords that say nothing about a value of this type.
    pub(super) fn check_placed(&mut self, node: &Node, ty: Option<Type>, what: &str) {
        let Kind::Mapping(entries) = &node.kind else { return };
        for (key, value) in entries {
            let Some(Use::With(types)) = usage(&key.text) else { continue };
            if ty.is_some_and(|ty| types.contains(&ty)) {
                continue;
            }
            let names: Vec<&str> = types.iter().map(|ty| ty.name()).collect();
            let help = if key.text == "required" && value.boolean().is_some() {
                "list the property in the `required` of the object around it".to_owned()
            } else {
                format!("it goes with `type: {}`", names.join("` or `type: "))
            };
            self.cx.found.push(
                codes::SCHEMA_MISPLACED
                    .at(key.span, format!("`{}` says nothing about {}", key.text, article(what)))
                    .help(help),
            );
        }
    }
}

fn article(what: &str) -> String {
    match what.chars().next() {
        _ if what.starts_with("a ") || what.starts_with("an ") => what.to_owned(),
        Some('a' | 'i' | 'o') => format!("an {what}"),
        _ => format!("a {what}"),
    }
}

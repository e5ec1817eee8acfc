use std::collections::BTreeMap;

use super::keywords::{Type, Use, usage};
use super::reader::{Reader, any};
use crate::codes;
use crate::model::{Object, OneOf, Schema, Shape, Tagging, Variant};
use crate::naming;
use crate::source::Span;
use crate::yaml::{Kind, Node};

const LEAVE_OUT: &str = "leave `type` out: each alternative says its own";

impl Reader<'_, '_> {
    /// Reads a `oneOf`: objects that a property with a constant tells apart, or one schema and `null`.
    pub(super) fn one_of(&mut self, node: &Node) -> Schema {
        let Some(written) = node.get("oneOf") else { return self.gap(node) };
        let Kind::Sequence(items) = &written.kind else {
            let message = format!("`oneOf` takes a list of objects, not {}", written.describe());
            self.cx.found.push(codes::SCHEMA_VALUE.at(written.span, message));
            return self.gap(node);
        };
        let is_null = |item: &&Node| item.get("type").and_then(Node::text) == Some("null");
        let variants: Vec<&Node> = items.iter().filter(|item| !is_null(item)).collect();
        let nullable = variants.len() < items.len();
        self.check_beside_one_of(node, nullable);
        if let ([only], true) = (variants.as_slice(), nullable) {
            return Schema { nullable, span: node.span, ..self.read(only) };
        }
        let Some(tag) = tag(&variants) else {
            self.cx.found.push(
                codes::UNTAGGED_ONE_OF
                    .at(written.span, "nothing tells these alternatives apart")
                    .help("give each the same required property with another `const`: `kind: { const: card }`")
                    .help("each alternative is written here as `type: object`, not as a `$ref`"),
            );
            return self.gap(node);
        };
        let mut names: BTreeMap<String, Span> = BTreeMap::new();
        let all = variants.len();
        let variants: Vec<Variant> =
            variants.iter().filter_map(|one| self.variant(one, tag, &mut names)).collect();
        if variants.len() < all {
            self.cx.gaps.insert(node.span);
        }
        let shape = Shape::OneOf(OneOf { tagging: Tagging::Internal(tag.to_owned()), variants });
        Schema { nullable, shape, ..any(node) }
    }

    fn variant(
        &mut self,
        node: &Node,
        tag: &str,
        names: &mut BTreeMap<String, Span>,
    ) -> Option<Variant> {
        let constant = constant(node, tag)?;
        let value = constant.text()?.to_owned();
        let name = naming::pascal(&value);
        if name.is_empty() || !value.is_ascii() {
            self.cx.found.push(
                codes::UNTAGGED_ONE_OF
                    .at(constant.span, format!("`{value}` gives no name for a Rust variant"))
                    .help("use ASCII letters and digits"),
            );
            return None;
        }
        if let Some(first) = names.get(&name) {
            self.cx.found.push(
                codes::UNTAGGED_ONE_OF
                    .at(constant.span, format!("two alternatives become the Rust variant `{name}`"))
                    .and(*first, "the other one")
                    .help(format!("give each alternative another `{tag}`")),
            );
            return None;
        }
        names.insert(name.clone(), constant.span);
        if node.get("type").and_then(Node::text) != Some(Type::Object.name()) {
            let place = node.get("type").unwrap_or(node).span;
            self.cx.found.push(
                codes::SCHEMA_TYPE
                    .at(place, "the alternatives of a `oneOf` are objects")
                    .help("write `type: object`"),
            );
        }
        if !self.required(node).contains_key(tag) {
            self.cx.found.push(
                codes::UNTAGGED_ONE_OF
                    .at(
                        constant.span,
                        format!("`{tag}` tells the alternatives apart, and is not required"),
                    )
                    .help(format!("list `{tag}` in `required`")),
            );
        }
        self.check_placed(node, Some(Type::Object), Type::Object.name());
        let mut schema = any(node);
        schema.title = self.text(node, "title");
        schema.description = self.text(node, "description");
        schema.deprecated = self.flag(node, "deprecated");
        schema.pii = self.pii(node);
        let properties = self.properties(node, Some(tag));
        schema.shape = Shape::Object(Object { properties, ..Object::default() });
        self.check_keywords(node);
        Some(Variant { name, tag: Some(value), schema })
    }

    fn check_beside_one_of(&mut self, node: &Node, nullable: bool) {
        let Kind::Mapping(entries) = &node.kind else { return };
        for (key, value) in entries {
            let fits = match (usage(&key.text), key.text.as_str()) {
                (Some(Use::Decides), "oneOf") => true,
                // It says of the alternatives what they say themselves.
                (Some(Use::Decides), "type") => {
                    !nullable && value.text() == Some(Type::Object.name())
                }
                (Some(Use::With(_) | Use::Decides), _) => false,
                _ => true,
            };
            if fits {
                continue;
            }
            let (span, written, help) = match value.text() {
                Some(ty) if key.text == "type" => (value.span, format!("type: {ty}"), LEAVE_OUT),
                None if key.text == "type" => (value.span, "type".to_owned(), LEAVE_OUT),
                _ => (key.span, key.text.clone(), "write it in each of the alternatives"),
            };
            self.cx.found.push(
                codes::SCHEMA_MISPLACED
                    .at(span, format!("`{written}` cannot stand beside `oneOf`"))
                    .help(help),
            );
        }
    }
}

/// The property that has a constant in every alternative.
fn tag<'n>(variants: &[&'n Node]) -> Option<&'n str> {
    let properties = variants.first()?.get("properties")?;
    let Kind::Mapping(entries) = &properties.kind else { return None };
    entries
        .iter()
        .map(|(key, _)| key.text.as_str())
        .find(|name| variants.iter().all(|one| constant(one, name).is_some()))
}

/// The constant of an alternative's property; a string.
fn constant<'n>(variant: &'n Node, property: &str) -> Option<&'n Node> {
    let constant = variant.get("properties")?.get(property)?.get("const")?;
    constant.to_value().is_string().then_some(constant)
}

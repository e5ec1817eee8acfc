//! Objects that a property with another constant in each tells apart, and OpenAPI's `discriminator`.

use std::collections::BTreeMap;

use super::keywords::Type;
use super::reader::{Position, Reader, any};
use crate::codes;
use crate::model::{OneOf, Shape, Tagging, TypeRef, Variant};
use crate::naming;
use crate::source::Span;
use crate::yaml::{Kind, Node};

/// A `discriminator`.
pub(super) struct Discriminator {
    pub(super) property: String,
    /// What the values of the property stand for.
    mapping: Vec<(String, Option<TypeRef>)>,
}

impl Discriminator {
    /// The values that stand for an alternative: those of the mapping, or the name that it is referred to by.
    pub(super) fn tags_of(&self, reader: &mut Reader<'_, '_, '_>, node: &Node) -> Vec<String> {
        let Some(written) = node.get("$ref") else { return vec![String::new()] };
        let target = reader.target(written).map(|(target, _)| target);
        let mapped = self.mapping.iter().filter(|(_, mapped)| *mapped == target);
        let mapped: Vec<String> = mapped.map(|(tag, _)| tag.clone()).collect();
        if !mapped.is_empty() {
            return mapped;
        }
        let last = written.text().and_then(|text| text.rsplit(['/', '#']).next());
        let last = last.unwrap_or_default();
        vec![last.trim_end_matches(".yaml").trim_end_matches(".yml").to_owned()]
    }
}

impl Reader<'_, '_, '_> {
    /// Reads the `discriminator` beside a `oneOf`.
    pub(super) fn discriminator(&mut self, node: &Node) -> Option<Discriminator> {
        let written = node.get("discriminator")?;
        let Some(property) = written.get("propertyName").and_then(Node::text) else {
            self.cx.found.push(
                codes::SCHEMA_VALUE
                    .at(written.span, "`discriminator` names the property that tells which")
                    .help("write `discriminator: { propertyName: kind }`"),
            );
            return None;
        };
        let mut mapping = Vec::new();
        if let Some(Kind::Mapping(entries)) = written.get("mapping").map(|mapping| &mapping.kind) {
            for (key, value) in entries {
                let target = self.target(value).map(|(target, _)| target);
                mapping.push((key.text.clone(), target));
            }
        }
        Some(Discriminator { property: property.to_owned(), mapping })
    }

    /// Reads objects that the property `tag` tells apart.
    pub(super) fn tagged(&mut self, node: &Node, alternatives: &[Node], tag: &str) -> OneOf {
        let mut names: BTreeMap<String, Span> = BTreeMap::new();
        let variants: Vec<Variant> =
            alternatives.iter().filter_map(|one| self.variant(one, tag, &mut names)).collect();
        if variants.len() < alternatives.len() {
            self.cx.gaps.insert(node.span);
        }
        OneOf { tagging: Tagging::Internal(tag.to_owned()), variants }
    }

    fn variant(
        &mut self,
        node: &Node,
        tag: &str,
        names: &mut BTreeMap<String, Span>,
    ) -> Option<Variant> {
        let constant = constant(node, tag)?;
        let value = constant.text()?.to_owned();
        let Some(name) = naming::variant(&value) else {
            self.cx.found.push(
                codes::UNTAGGED_ONE_OF
                    .at(constant.span, format!("`{value}` gives no name for a Rust variant"))
                    .help("use ASCII letters and digits"),
            );
            return None;
        };
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
        schema.shape = Shape::Object(self.struct_of(node, properties));
        self.check_keywords(node, Position::Inner);
        Some(Variant { name, tag: Some(value), schema })
    }
}

/// The property that has a constant in every alternative; the `named` one, if one is.
pub(super) fn tag(alternatives: &[Node], named: Option<&str>) -> Option<String> {
    let properties = alternatives.first()?.get("properties")?;
    let Kind::Mapping(entries) = &properties.kind else { return None };
    let mut tags = entries
        .iter()
        .map(|(key, _)| key.text.as_str())
        .filter(|name| alternatives.iter().all(|one| constant(one, name).is_some()));
    let tag = match named {
        Some(named) => tags.find(|tag| *tag == named),
        None => tags.next(),
    };
    tag.map(str::to_owned)
}

/// The constant of an alternative's property; a string.
fn constant<'n>(alternative: &'n Node, property: &str) -> Option<&'n Node> {
    if alternative.get("$ref").is_some() {
        return None;
    }
    let schema = alternative.get("properties")?.get(property)?;
    let constant = match (schema.get("const"), schema.get("enum").map(|values| &values.kind)) {
        (Some(constant), _) => constant,
        (None, Some(Kind::Sequence(values))) => match values.as_slice() {
            [only] => only,
            _ => return None,
        },
        _ => return None,
    };
    constant.to_value().is_string().then_some(constant)
}

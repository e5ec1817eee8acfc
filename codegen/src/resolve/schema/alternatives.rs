//! `oneOf`, `anyOf` and types of several words.

use super::join::decides;
use super::keywords::Type;
use super::merge::{Conflict, ONE_CHOICE};
use super::reader::{Position, Reader, any};
use crate::codes;
use crate::model::{OneOf, Schema, Shape, Tagging, Variant};
use crate::naming;
use crate::yaml::{Key, Kind, Node};

/// What stands beside the alternatives and is about the choice itself.
const OF_THE_CHOICE: [&str; 3] = ["oneOf", "anyOf", "discriminator"];

impl Reader<'_, '_, '_> {
    /// Reads a schema with a `oneOf` or an `anyOf`, under `key`.
    pub(super) fn alternatives(&mut self, node: &Node, key: &Key) -> Schema {
        let (Some(written), Kind::Mapping(entries)) = (node.get(&key.text), &node.kind) else {
            return self.gap(node);
        };
        let items = match &written.kind {
            Kind::Sequence(items) if !items.is_empty() => items,
            _ => {
                let message =
                    format!("`{}` takes a list of schemas, not {}", key.text, written.describe());
                self.cx.found.push(codes::SCHEMA_VALUE.at(written.span, message));
                return self.gap(node);
            }
        };
        if let (Some((first, _)), Some((second, _))) = (node.entry("oneOf"), node.entry("anyOf")) {
            self.conflict(&Conflict {
                message: "`oneOf` and `anyOf` are two choices, and cannot be one".to_owned(),
                first: first.span,
                second: second.span,
                help: ONE_CHOICE,
            });
            return self.gap(node);
        }
        let common: Vec<(Key, Node)> = entries
            .iter()
            .filter(|(key, _)| decides(&key.text) && !OF_THE_CHOICE.contains(&key.text.as_str()))
            .cloned()
            .collect();
        let (nulls, items): (Vec<&Node>, Vec<&Node>) = items.iter().partition(|item| is_null(item));
        let nullable = !nulls.is_empty() && may_be_null(node);
        let mut alternatives = Vec::new();
        let mut conflicts = Vec::new();
        for item in items {
            match self.with_common(item, &common) {
                Ok(alternative) => alternatives.push(alternative),
                Err(conflict) => conflicts.push(conflict),
            }
        }
        // What cannot hold beside the rest is no alternative; it is a mistake where none is left.
        if let (true, false, Some(conflict)) =
            (alternatives.is_empty(), nullable, conflicts.first())
        {
            self.conflict(conflict);
            return self.gap(node);
        }
        self.one_of_several(node, &alternatives, nullable)
    }

    /// An alternative with what stands beside all of them.
    fn with_common(&mut self, item: &Node, common: &[(Key, Node)]) -> Result<Node, Conflict> {
        if common.is_empty() || !matches!(item.kind, Kind::Mapping(_)) {
            return Ok(item.clone());
        }
        self.check_keywords(item, Position::Inner);
        let joined = self.with(item, common)?;
        // A reference that the rest says nothing new about stays one.
        let says_more = common.iter().any(|(key, _)| key.text != "type");
        let keeps = !says_more && item.get("$ref").is_some();
        Ok(if keeps { item.clone() } else { joined })
    }

    /// Reads a choice of these schemas.
    pub(super) fn one_of_several(
        &mut self,
        node: &Node,
        alternatives: &[Node],
        nullable: bool,
    ) -> Schema {
        if let Some(constants) = constants(alternatives) {
            let schema = self.constants(&constants, None, any(node));
            return Schema { nullable: schema.nullable || nullable, span: node.span, ..schema };
        }
        match alternatives {
            [] => Schema::new(node.span, Shape::Null),
            [only] => {
                let schema = self.read(only);
                Schema { nullable: schema.nullable || nullable, span: node.span, ..schema }
            }
            _ => {
                let mut nullable = nullable;
                let one_of = self.choice(node, alternatives, &mut nullable);
                Schema { nullable, shape: Shape::OneOf(one_of), ..any(node) }
            }
        }
    }

    fn choice(&mut self, node: &Node, alternatives: &[Node], nullable: &mut bool) -> OneOf {
        let discriminator = self.discriminator(node);
        let named = discriminator.as_ref().map(|one| one.property.as_str());
        if let Some(tag) = super::tagged::tag(alternatives, named) {
            return self.tagged(node, alternatives, &tag);
        }
        if discriminator.is_none() && alternatives.iter().all(|one| only_property(one).is_some()) {
            let variants = alternatives.iter().filter_map(|one| self.external(one)).collect();
            return OneOf { tagging: Tagging::External, variants };
        }
        let mut variants = Vec::new();
        for alternative in alternatives {
            let mut schema = self.read(alternative);
            *nullable |= std::mem::take(&mut schema.nullable);
            let name = variant_name(alternative, &schema);
            let tags = discriminator.as_ref().map(|one| one.tags_of(self, alternative));
            match tags {
                None => variants.push(Variant { name, tag: None, schema }),
                Some(tags) => variants.extend(tags.into_iter().map(|tag| Variant {
                    name: naming::variant(&tag).unwrap_or_else(|| name.clone()),
                    tag: Some(tag),
                    schema: schema.clone(),
                })),
            }
        }
        // What an untagged choice is told apart by shows once all schemas are read.
        let tagging = match discriminator {
            Some(one) => Tagging::Discriminated(one.property),
            None => Tagging::Untagged,
        };
        OneOf { tagging, variants }
    }

    /// Reads an object of one property, whose name tells it apart.
    fn external(&mut self, alternative: &Node) -> Option<Variant> {
        let (key, value) = only_property(alternative)?;
        self.check_keywords(alternative, Position::Inner);
        let mut schema = self.read(value);
        schema.title = self.text(alternative, "title").or(schema.title);
        schema.description = self.text(alternative, "description").or(schema.description);
        schema.deprecated |= self.flag(alternative, "deprecated");
        let name = naming::variant(&key.text).unwrap_or_else(|| "Other".to_owned());
        Some(Variant { name, tag: Some(key.text.clone()), schema })
    }
}

/// The Rust name of an alternative that nothing stands for in JSON: its title, the name it is referred to by, or the
/// name of its type.
fn variant_name(node: &Node, schema: &Schema) -> String {
    let title = node.get("title").and_then(Node::text).and_then(naming::variant);
    let referred = node.get("$ref").and_then(Node::text).and_then(|reference| {
        let last = reference.rsplit('/').next()?;
        let last = last.split_once('#').map_or(last, |(file, _)| file);
        naming::variant(last.strip_suffix(".yaml").or(last.strip_suffix(".yml")).unwrap_or(last))
    });
    title.or(referred).unwrap_or_else(|| schema.shape.word().to_owned())
}

/// Whether a schema has only `null`.
fn is_null(node: &Node) -> bool {
    let null = |value: &Node| value.to_value().is_null();
    match (node.get("type"), node.get("const"), node.get("enum").map(|values| &values.kind)) {
        (Some(ty), _, _) => match &ty.kind {
            Kind::Sequence(words) => words.iter().all(|word| word.text() == Some("null")),
            _ => ty.text() == Some("null"),
        },
        (None, Some(value), _) => null(value),
        (None, None, Some(Kind::Sequence(values))) => values.iter().all(null),
        _ => false,
    }
}

/// Whether the `type` beside the alternatives allows `null`.
fn may_be_null(node: &Node) -> bool {
    node.get("type").is_none_or(|ty| match &ty.kind {
        Kind::Sequence(words) => words.iter().any(|word| word.text() == Some("null")),
        _ => ty.text() == Some("null"),
    })
}

/// One enum in the place of alternatives each of which is a `const`.
fn constants(alternatives: &[Node]) -> Option<Node> {
    let constant = |one: &Node| {
        let Kind::Mapping(entries) = &one.kind else { return None };
        let alone =
            |key: &Key| matches!(key.text.as_str(), "const" | "type") || !decides(&key.text);
        entries.iter().all(|(key, _)| alone(key)).then(|| one.get("const").cloned()).flatten()
    };
    let values: Vec<Node> = alternatives.iter().map(constant).collect::<Option<_>>()?;
    let span = values.first()?.span;
    let values = Node { span, kind: Kind::Sequence(values) };
    Some(Node { span, kind: Kind::Mapping(vec![(Key { span, text: "enum".to_owned() }, values)]) })
}

/// The property of an object that has only this one, and requires it.
fn only_property(node: &Node) -> Option<(&Key, &Node)> {
    let Kind::Mapping(entries) = &node.kind else { return None };
    let known = ["type", "properties", "required", "additionalProperties"];
    let simple = |key: &Key| known.contains(&key.text.as_str()) || !decides(&key.text);
    let is_object = node.get("type").and_then(Node::text) == Some(Type::Object.name());
    let open = node.get("additionalProperties").is_some_and(|one| one.boolean() != Some(false));
    if !is_object || open || !entries.iter().all(|(key, _)| simple(key)) {
        return None;
    }
    let Kind::Mapping(properties) = &node.get("properties")?.kind else { return None };
    let Kind::Sequence(required) = &node.get("required")?.kind else { return None };
    match (properties.as_slice(), required.as_slice()) {
        ([(key, value)], [name]) if name.text() == Some(&key.text) => Some((key, value)),
        _ => None,
    }
}

impl Shape {
    /// A word for it, as the name of a variant.
    fn word(&self) -> &'static str {
        use crate::model::Format;
        match self {
            Self::Any | Self::Ref(_) => "Any",
            Self::Null => "Null",
            Self::Boolean { .. } => "Boolean",
            Self::Integer(_) => "Integer",
            Self::Number(_) => "Number",
            Self::String(text) => match text.format {
                Some(Format::Uuid) => "Uuid",
                Some(Format::DateTime) => "DateTime",
                Some(Format::Date) => "Date",
                Some(Format::Other(_)) | None => "String",
            },
            Self::Enum(_) => "Enum",
            Self::Array(_) => "List",
            Self::Tuple(_) => "Tuple",
            Self::Object(_) => "Object",
            Self::Map(_) => "Map",
            Self::OneOf(_) => "OneOf",
        }
    }
}

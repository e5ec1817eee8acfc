use std::collections::BTreeSet;

use super::super::Context;
use super::join::MAX_JOINED;
use super::keywords::Type;
use super::typed::TypeWords;
use super::types::{Named, Types};
use crate::codes;
use crate::model::{Object, Schema, Shape, TypeRef};
use crate::yaml::{Kind, Node};

/// Where a schema stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// It is the payload of an event.
    Payload,
    /// It is the whole of a file under `types`.
    File,
    /// It stands in another schema.
    Inner,
}

/// Reads schemas of one file.
pub(super) struct Reader<'r, 'n, 'c> {
    pub(super) types: &'r Types<'n>,
    /// What `#/…` leads to.
    pub(super) named: &'r Named<'n>,
    /// References that were replaced by what they lead to, around the schema that is being read.
    pub(super) replacing: Vec<TypeRef>,
    /// The same for the schema that is read next.
    pub(super) replaced: BTreeSet<TypeRef>,
    /// How much may still come of joining.
    pub(super) may_join: usize,
    pub(super) cx: &'r mut Context<'c>,
}

impl<'r, 'n, 'c> Reader<'r, 'n, 'c> {
    pub(super) fn new(types: &'r Types<'n>, named: &'r Named<'n>, cx: &'r mut Context<'c>) -> Self {
        Self {
            types,
            named,
            replacing: Vec::new(),
            replaced: BTreeSet::new(),
            may_join: MAX_JOINED,
            cx,
        }
    }

    /// Reads the payload of an event: an object of its own.
    pub(super) fn payload(&mut self, node: &Node) -> Schema {
        let before = self.cx.found.len();
        let schema = self.root(node, Position::Payload);
        if matches!(schema.shape, Shape::Object(_)) && !schema.nullable {
            return schema;
        }
        if self.cx.found.len() == before {
            let place = ["type", "$ref", "oneOf", "anyOf", "enum"].iter();
            let place = place.filter_map(|key| node.get(key)).next();
            self.cx.found.push(
                codes::PAYLOAD_NOT_OBJECT
                    .at(place.unwrap_or(node).span, "a payload is an object of its own")
                    .help("write `type: object`, and what it carries under `properties`"),
            );
        }
        let mut object = self.gap(node);
        object.shape = Shape::Object(Object::default());
        object
    }

    /// Reads a schema that may have `$defs`.
    pub(super) fn root(&mut self, node: &Node, position: Position) -> Schema {
        if let Some(definitions) = node.get("$defs")
            && !matches!(definitions.kind, Kind::Mapping(_))
        {
            self.cx.found.push(codes::SCHEMA_VALUE.at(
                definitions.span,
                format!("`$defs` takes a mapping of schemas, not {}", definitions.describe()),
            ));
        }
        self.schema(node, position)
    }

    /// Reads a schema.
    pub(super) fn read(&mut self, node: &Node) -> Schema {
        self.schema(node, Position::Inner)
    }

    fn schema(&mut self, node: &Node, position: Position) -> Schema {
        if node.boolean() == Some(true) {
            return any(node);
        }
        if !matches!(node.kind, Kind::Mapping(_)) {
            self.cx.found.push(
                codes::SCHEMA_VALUE
                    .at(node.span, format!("a schema is a mapping, not {}", node.describe()))
                    .help("write `{ type: string }`; `{}` stands for any value"),
            );
            return self.gap(node);
        }
        self.check_keywords(node, position);
        let known = self.replacing.len();
        let joined = self.joined(node, position == Position::Payload);
        self.replacing.extend(std::mem::take(&mut self.replaced));
        let schema = match &joined {
            Ok(None) => self.described(node, position),
            Ok(Some(joined)) => self.described(joined, position),
            Err(conflict) => {
                self.conflict(conflict);
                self.gap(node)
            }
        };
        self.replacing.truncate(known);
        schema
    }

    /// Reads a schema without an `allOf`, and what it says for people.
    fn described(&mut self, node: &Node, position: Position) -> Schema {
        let mut schema = self.shape(node, position);
        // The one alternative to `null` of a `oneOf` has its own already.
        schema.title = self.text(node, "title").or(schema.title);
        schema.description = self.text(node, "description").or(schema.description);
        schema.deprecated |= self.flag(node, "deprecated");
        schema.access = self.access(node).or(schema.access);
        schema.pii = self.pii(node).or(schema.pii);
        schema.default = self.default(node).or(schema.default);
        let examples = self.examples(node);
        if !examples.is_empty() {
            schema.examples = examples;
        }
        schema
    }

    /// Reads what decides about the value's shape.
    fn shape(&mut self, node: &Node, position: Position) -> Schema {
        if node.get("$ref").is_some() {
            return self.reference(node);
        }
        if let Some((key, _)) = node.entry("oneOf").or_else(|| node.entry("anyOf")) {
            return self.alternatives(node, key);
        }
        if let Some((key, _)) = node.entry("discriminator") {
            self.cx.found.push(
                codes::SCHEMA_MISPLACED
                    .at(key.span, "`discriminator` tells the alternatives of a `oneOf` apart")
                    .help("write it beside the `oneOf`, or leave it out"),
            );
        }
        let mut schema = any(node);
        let ty = match node.get("type") {
            Some(written) => {
                let Some(TypeWords { types, nullable }) = self.parse_type(written) else {
                    return self.gap(node);
                };
                schema.nullable = nullable;
                match types.as_slice() {
                    // What stands beside it is left of a type that an `allOf` has narrowed.
                    [] => return Schema::new(node.span, Shape::Null),
                    [only] => Some(*only),
                    several => return self.several_types(node, several, nullable),
                }
            }
            None => self.implied_type(node),
        };
        if node.get("enum").is_some() || node.get("const").is_some() {
            return self.constants(node, ty, schema);
        }
        let Some(ty) = ty else { return schema };
        self.check_placed(node, Some(ty), ty.name());
        schema.shape = match ty {
            Type::Boolean => Shape::Boolean { only: None },
            Type::Integer => Shape::Integer(self.integer(node)),
            Type::Number => Shape::Number(self.number_shape(node)),
            Type::String => Shape::String(self.string(node)),
            Type::Array => self.array(node),
            Type::Object => self.object(node, position),
        };
        schema
    }

    /// A schema in the place of one that could not be understood.
    pub(super) fn gap(&mut self, node: &Node) -> Schema {
        self.cx.gaps.insert(node.span);
        any(node)
    }
}

/// Any value.
pub(super) fn any(node: &Node) -> Schema {
    Schema::new(node.span, Shape::Any)
}

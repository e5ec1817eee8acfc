use super::walk::{Holds, holds};
use crate::yaml::{Mapping, Node, Value};

/// The order in which people write a schema's keywords.
const ORDER: [&str; 45] = [
    "$schema",
    "$id",
    "title",
    "$ref",
    "type",
    "const",
    "enum",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "contentEncoding",
    "contentMediaType",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "prefixItems",
    "items",
    "additionalItems",
    "minProperties",
    "maxProperties",
    "propertyNames",
    "discriminator",
    "allOf",
    "oneOf",
    "anyOf",
    "required",
    "properties",
    "patternProperties",
    "additionalProperties",
    "description",
    "$comment",
    "default",
    "readOnly",
    "writeOnly",
    "deprecated",
    "x-pii",
    "examples",
    "$defs",
    "definitions",
];

/// Keywords that stand above the properties where there are any, to be seen.
const FIRST_OF_OBJECTS: [&str; 5] = ["$schema", "$id", "title", "description", "deprecated"];

/// The schema with its keywords in the order in which people write them. Keywords that it does not know come last, and
/// properties stay as they are.
pub(crate) fn ordered(mut schema: Node) -> Node {
    let Some(entries) = schema.as_map_mut() else { return schema };
    entries.sort_as(&ORDER);
    if entries.contains("properties") {
        entries.sort_as(&FIRST_OF_OBJECTS);
    }
    for (keyword, value) in entries.iter_mut() {
        match holds(keyword) {
            Holds::SchemaOrList if value.as_map().is_some() => replace(value, ordered),
            Holds::Schema => replace(value, ordered),
            Holds::List | Holds::SchemaOrList => each(value, ordered),
            Holds::Map => named(value),
            Holds::Data => {}
        }
    }
    schema
}

fn replace(node: &mut Node, change: fn(Node) -> Node) {
    let present = std::mem::replace(node, Node::from(Value::Null));
    *node = change(present);
}

fn each(node: &mut Node, change: fn(Node) -> Node) {
    if let Value::List(items) = &mut node.value {
        items.iter_mut().for_each(|item| replace(item, change));
    }
}

fn named(node: &mut Node) {
    if let Some(schemas) = node.as_map_mut() {
        let schemas: &mut Mapping = schemas;
        schemas.iter_mut().for_each(|(_, schema)| replace(schema, ordered));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::yaml::{Layout, write};

    #[test]
    fn keywords_stand_as_people_write_them() {
        let schema = json!({
            "x-team": "orders",
            "properties": { "description": { "minLength": 1, "type": "string", "description": "…" } },
            "required": ["description"],
            "description": "An order.",
            "default": { "type": "a", "$ref": "b" },
            "type": "object",
        });
        let expected = "\
description: An order.
type: object
required: [description]
properties:
  description: { type: string, minLength: 1, description: … }
default: { $ref: b, type: a }
x-team: orders
";
        assert_eq!(write(&ordered(Node::from(schema)), Layout::Catalog), expected);
    }
}

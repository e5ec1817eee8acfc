//! The keywords of payloads and shared types, as JSON Schema.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use tidings_payload::{Encoding, Format};

use crate::resolve::supported_keywords;
use crate::syntax::event::SchemaNode;

impl JsonSchema for SchemaNode {
    fn schema_name() -> Cow<'static, str> {
        "Schema".into()
    }

    /// The catalog's own table says which keywords there are; what they take is said here.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let inner = generator.subschema_for::<Self>();
        let properties: Map<String, Value> = supported_keywords()
            .map(|keyword| {
                let value = keyword_schema(keyword, &inner);
                (keyword.to_owned(), value.map_or(Value::Bool(true), Value::from))
            })
            .collect();
        json_schema!({
            "description": "A JSON Schema; `true` stands for any value.",
            "type": ["object", "boolean"],
            "properties": properties,
            // Extensions of others are theirs.
            "patternProperties": { "^x-": true },
            "additionalProperties": false,
        })
    }
}

/// What a keyword takes, and what it is for.
fn keyword_schema(keyword: &str, inner: &Schema) -> Option<Schema> {
    let schemas = |inner: &Schema| json!({ "type": "object", "additionalProperties": inner });
    let list = |inner: &Schema| json!({ "type": "array", "items": inner, "minItems": 1 });
    let (docs, value) = match keyword {
        "title" => ("A name for people.", text()),
        "description" => {
            ("What it is, in Markdown: the documentation of the Rust field or type.", text())
        }
        "default" => ("What holds where the property is left out.", json!({})),
        "examples" => ("Values as they look on the wire.", json!({ "type": "array" })),
        "deprecated" => ("Whether it should no longer be used.", flag()),
        "x-pii" => (
            "Personal data: it names the person (`direct`), leads to the person together with other data (`indirect`), or is of a kind that the law protects more (`sensitive`).",
            json!({ "enum": ["direct", "indirect", "sensitive"] }),
        ),
        "$schema" => (
            "The language of the schema, which is always the same.",
            json!({ "enum": ["https://json-schema.org/draft/2020-12/schema"] }),
        ),
        "$comment" => ("A remark for those who read this file.", text()),
        "$defs" => {
            ("Schemas with names of their own, for `$ref: \"#/$defs/name\"`.", schemas(inner))
        }
        "type" => (
            "The kind of value; with `\"null\"` in a list, as in `[string, \"null\"]`, it may be null.",
            types(),
        ),
        "$ref" => (
            "A schema that is written elsewhere: `../types/money.yaml` or `\"#/$defs/name\"`.",
            json!({ "type": "string", "minLength": 1 }),
        ),
        "enum" => (
            "The values that there are; of strings, a Rust enum.",
            json!({ "type": "array", "minItems": 1 }),
        ),
        "const" => ("The only value. In the objects of a `oneOf`, it tells them apart.", json!({})),
        "oneOf" | "anyOf" => ("One of several: a Rust enum.", list(inner)),
        "allOf" => ("All of these at once, merged into one.", list(inner)),
        "discriminator" => (
            "The property that tells the alternatives of a `oneOf` apart.",
            json!({ "type": "object", "required": ["propertyName"] }),
        ),
        "properties" => ("The fields of an object, by name.", schemas(inner)),
        "required" => (
            "The properties that are always there. Any other is an `Option` in Rust.",
            json!({ "type": "array", "items": { "type": "string" }, "uniqueItems": true }),
        ),
        "additionalProperties" => {
            ("What any further properties look like: without `properties`, a map.", json!(inner))
        }
        "unevaluatedProperties" => {
            ("With `false`, writers add no further properties, whatever an `allOf` joins.", flag())
        }
        "patternProperties" => (
            "One pattern, and what the values of its keys look like: a map, with `additionalProperties: false` beside it.",
            schemas(inner),
        ),
        "dependentRequired" => (
            "Which properties must be there beside another one.",
            json!({
                "type": "object",
                "additionalProperties": { "type": "array", "items": { "type": "string" } },
            }),
        ),
        "propertyNames" => ("What the keys of a map look like.", json!(inner)),
        "minProperties" => ("How many properties there are at least.", count()),
        "maxProperties" => ("How many properties there are at most.", count()),
        "items" => ("What is in the list.", json!(inner)),
        "prefixItems" => ("What stands at each place of a tuple.", list(inner)),
        "minItems" => ("How many items there are at least.", count()),
        "maxItems" => ("How many items there are at most.", count()),
        "uniqueItems" => ("Whether no item is there twice.", flag()),
        "format" => (
            "The form of a string. `uuid`, `date-time` and `date` have Rust types of their own; the others are checked.",
            json!({ "enum": Format::ALL.map(Format::name) }),
        ),
        "pattern" => (
            "A regular expression, ECMA-262. It matches anywhere in the string: anchor it with `^` and `$`.",
            json!({ "type": "string" }),
        ),
        "minLength" => ("The least number of characters.", count()),
        "maxLength" => ("The largest number of characters.", count()),
        "minimum" => (
            "The smallest value. An integer with `minimum: 0` is a `u64` in Rust, any other an `i64`.",
            number(),
        ),
        "maximum" => ("The largest value.", number()),
        "exclusiveMinimum" => ("Values are larger than this.", number()),
        "exclusiveMaximum" => ("Values are smaller than this.", number()),
        "multipleOf" => (
            "Values are whole multiples of this.",
            json!({ "type": "number", "exclusiveMinimum": 0 }),
        ),
        "readOnly" | "writeOnly" => ("A remark for other tools.", flag()),
        "contentEncoding" => (
            "How bytes are written in the string.",
            json!({ "enum": Encoding::ALL.map(Encoding::name) }),
        ),
        _ => return None,
    };
    let mut schema: Schema = value.try_into().ok()?;
    schema.insert("description".to_owned(), docs.into());
    Some(schema)
}

fn text() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn number() -> Value {
    json!({ "type": "number" })
}

fn types() -> Value {
    let names = json!(["object", "array", "string", "integer", "number", "boolean", "null"]);
    json!({
        "anyOf": [
            { "enum": names },
            { "type": "array", "items": { "enum": names }, "minItems": 1, "uniqueItems": true },
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_of_the_catalog_is_described() {
        let inner = Schema::default();
        let unknown: Vec<&str> = supported_keywords()
            .filter(|keyword| keyword_schema(keyword, &inner).is_none())
            .collect();
        assert!(unknown.is_empty(), "say in `keyword_schema` what these take: {unknown:?}");
    }
}

//! The drafts of JSON Schema that are written.

use serde_json::{Map, Value, json};

use super::walk::{Holds, holds};

/// A draft of JSON Schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Draft {
    /// 2020-12, as the catalog.
    #[default]
    #[value(name = "2020-12")]
    Draft2020,
    /// Draft 7, for tools that know no newer one.
    #[value(name = "7", alias = "draft-07")]
    Draft7,
}

impl Draft {
    /// The value of `$schema`.
    pub(crate) fn dialect(self) -> &'static str {
        match self {
            Self::Draft2020 => "https://json-schema.org/draft/2020-12/schema",
            Self::Draft7 => "http://json-schema.org/draft-07/schema#",
        }
    }

    /// The keyword under which named schemas stand.
    pub(crate) fn definitions(self) -> &'static str {
        match self {
            Self::Draft2020 => "$defs",
            Self::Draft7 => "definitions",
        }
    }

    /// A schema of 2020-12 in this draft.
    pub(crate) fn lowered(self, schema: Value) -> Value {
        match self {
            Self::Draft2020 => schema,
            Self::Draft7 => {
                draft7(schema, &|reference| reference.replacen("#/$defs/", "#/definitions/", 1))
            }
        }
    }
}

/// A schema of 2020-12 in draft 7, `reference` applied to each `$ref`.
///
/// In draft 7 nothing counts beside `$ref`, so that it moves into an `allOf`; tuples are lists under `items`;
/// `dependentRequired` and `dependentSchemas` are one keyword; and what has no counterpart only allowed less.
pub(crate) fn draft7(schema: Value, reference: &dyn Fn(&str) -> String) -> Value {
    let Value::Object(mut entries) = schema else { return schema };
    let lower = |schema: Value| draft7(schema, reference);
    let tuple = entries.contains_key("prefixItems");
    let mut written = Map::new();
    if entries.len() > 1
        && let Some(target) = entries.remove("$ref")
    {
        written.insert("allOf".to_owned(), json!([lower(json!({ "$ref": target }))]));
    }
    for (keyword, value) in entries {
        let value = match holds(&keyword) {
            Holds::SchemaOrList if value.is_array() => list(value, &lower),
            Holds::Schema | Holds::SchemaOrList => lower(value),
            Holds::List => list(value, &lower),
            Holds::Map => map(value, &lower),
            Holds::Data => value,
        };
        match keyword.as_str() {
            "$ref" => {
                let target = value.as_str().map_or(value.clone(), |text| reference(text).into());
                written.insert(keyword, target);
            }
            "$defs" => put(&mut written, "definitions", value),
            "prefixItems" => put(&mut written, "items", value),
            "items" if tuple => put(&mut written, "additionalItems", value),
            "discriminator" => {
                let mut value = value;
                if let Some(Value::Object(mapping)) = value.get_mut("mapping") {
                    for (_, target) in mapping.iter_mut() {
                        *target =
                            target.as_str().map_or(Value::Null, |text| reference(text).into());
                    }
                }
                put(&mut written, &keyword, value);
            }
            "dependentRequired" | "dependentSchemas" => merge(&mut written, "dependencies", value),
            "allOf" => merge(&mut written, "allOf", value),
            "minContains" | "maxContains" | "unevaluatedItems" | "unevaluatedProperties" => {}
            _ => put(&mut written, &keyword, value),
        }
    }
    Value::Object(written)
}

fn list(value: Value, lower: &dyn Fn(Value) -> Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(lower).collect(),
        other => other,
    }
}

fn map(value: Value, lower: &dyn Fn(Value) -> Value) -> Value {
    match value {
        Value::Object(entries) => {
            entries.into_iter().map(|(name, schema)| (name, lower(schema))).collect()
        }
        other => other,
    }
}

fn put(written: &mut Map<String, Value>, keyword: &str, value: Value) {
    written.insert(keyword.to_owned(), value);
}

/// Adds to what a keyword has already.
fn merge(written: &mut Map<String, Value>, keyword: &str, value: Value) {
    match (written.get_mut(keyword), value) {
        (Some(Value::Object(present)), Value::Object(more)) => present.extend(more),
        (Some(Value::Array(present)), Value::Array(more)) => present.extend(more),
        (_, value) => put(written, keyword, value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_keyword_of_2020_has_its_counterpart() {
        let schema = json!({
            "type": "object",
            "properties": {
                "$defs": { "$ref": "#/$defs/a", "description": "beside" },
                "plain": { "$ref": "#/$defs/a" },
                "both": { "$ref": "#/$defs/a", "allOf": [{ "minLength": 1 }] },
                "pair": { "prefixItems": [{ "$ref": "#/$defs/a" }], "items": false },
                "list": { "items": { "$ref": "#/$defs/a" } },
                "value": { "const": { "$ref": "#/$defs/a" }, "default": { "$defs": 1 } },
                "told": {
                    "anyOf": [{ "$ref": "#/$defs/a" }],
                    "discriminator": { "propertyName": "k", "mapping": { "a": "#/$defs/a" } },
                },
            },
            "dependentRequired": { "a": ["b"] },
            "dependentSchemas": { "c": { "prefixItems": [] } },
            "unevaluatedProperties": false,
            "$defs": { "a": { "type": "string" } },
        });
        let expected = json!({
            "type": "object",
            "properties": {
                "$defs": { "allOf": [{ "$ref": "#/definitions/a" }], "description": "beside" },
                "plain": { "$ref": "#/definitions/a" },
                "both": { "allOf": [{ "$ref": "#/definitions/a" }, { "minLength": 1 }] },
                "pair": { "items": [{ "$ref": "#/definitions/a" }], "additionalItems": false },
                "list": { "items": { "$ref": "#/definitions/a" } },
                "value": { "const": { "$ref": "#/$defs/a" }, "default": { "$defs": 1 } },
                "told": {
                    "anyOf": [{ "$ref": "#/definitions/a" }],
                    "discriminator": { "propertyName": "k", "mapping": { "a": "#/definitions/a" } },
                },
            },
            "dependencies": { "a": ["b"], "c": { "items": [] } },
            "definitions": { "a": { "type": "string" } },
        });
        assert_eq!(Draft::Draft7.lowered(schema), expected);
    }
}

//! JSON with its properties in the order of the schema.

use serde_json::{Map, Value};

use crate::emit::scope::Scope;
use crate::model::{Property, Schema, Shape};

/// The value, indented by two, each line but the first by `indent` more.
pub(super) fn pretty(
    value: &Value,
    schema: Option<&Schema>,
    scope: Scope<'_>,
    indent: usize,
) -> String {
    let schema = schema.map(|schema| scope.follow(schema));
    let inner = " ".repeat(indent + 2);
    let outer = " ".repeat(indent);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let lines = ordered(fields, schema).into_iter().map(|(name, value, schema)| {
                let value = pretty(value, schema, scope, indent + 2);
                format!("{inner}{}: {value}", Value::from(name))
            });
            format!("{{\n{}\n{outer}}}", lines.collect::<Vec<_>>().join(",\n"))
        }
        Value::Array(values)
            if values.iter().any(|value| value.is_object() || value.is_array()) =>
        {
            let items = match schema.map(|schema| &schema.shape) {
                Some(Shape::Array { items, .. }) => Some(&**items),
                _ => None,
            };
            let lines = values
                .iter()
                .map(|value| format!("{inner}{}", pretty(value, items, scope, indent + 2)));
            format!("[\n{}\n{outer}]", lines.collect::<Vec<_>>().join(",\n"))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            format!("[{}]", values.join(", "))
        }
        scalar => scalar.to_string(),
    }
}

type Entry<'a> = (&'a str, &'a Value, Option<&'a Schema>);

/// The properties that the schema knows in its order, then the others by name.
fn ordered<'a>(fields: &'a Map<String, Value>, schema: Option<&'a Schema>) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let (tag, properties) = known(fields, schema);
    if let Some((name, value)) = tag.and_then(|tag| fields.get_key_value(tag)) {
        entries.push((name, value, None));
    }
    for property in properties {
        if let Some((name, value)) = fields.get_key_value(&property.name) {
            entries.push((name, value, Some(&property.schema)));
        }
    }
    let values = match schema.map(|schema| &schema.shape) {
        Some(Shape::Map { values }) => Some(&**values),
        _ => None,
    };
    for (name, value) in fields {
        if !entries.iter().any(|(known, _, _)| known == name) {
            entries.push((name, value, values));
        }
    }
    entries
}

fn known<'a>(
    fields: &Map<String, Value>,
    schema: Option<&'a Schema>,
) -> (Option<&'a str>, &'a [Property]) {
    fn properties(schema: &Schema) -> &[Property] {
        match &schema.shape {
            Shape::Object { properties } => properties,
            _ => &[],
        }
    }
    match schema.map(|schema| (schema, &schema.shape)) {
        Some((_, Shape::OneOf { tag, variants })) => {
            let value = fields.get(tag).and_then(Value::as_str);
            let variant = variants.iter().find(|variant| Some(variant.tag.as_str()) == value);
            (Some(tag), variant.map_or(&[], |variant| properties(&variant.schema)))
        }
        Some((schema, _)) => (None, properties(schema)),
        None => (None, &[]),
    }
}

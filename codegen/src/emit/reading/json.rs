//! JSON with its properties in the order of the schema.

use serde_json::{Map, Value};

use crate::model::{Property, Schema, Scope, Shape, Tagging};

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
            let lines = ordered(fields, schema, scope).into_iter().map(|(name, value, schema)| {
                let value = pretty(value, schema, scope, indent + 2);
                format!("{inner}{}: {value}", Value::from(name))
            });
            format!("{{\n{}\n{outer}}}", lines.collect::<Vec<_>>().join(",\n"))
        }
        Value::Array(values)
            if values.iter().any(|value| value.is_object() || value.is_array()) =>
        {
            let lines = values.iter().enumerate().map(|(index, value)| {
                let item = match schema.map(|schema| &schema.shape) {
                    Some(Shape::Array(array)) => Some(&*array.items),
                    Some(Shape::Tuple(items)) => items.get(index),
                    _ => None,
                };
                format!("{inner}{}", pretty(value, item, scope, indent + 2))
            });
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
fn ordered<'a>(
    fields: &'a Map<String, Value>,
    schema: Option<&'a Schema>,
    scope: Scope<'a>,
) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let (tag, schema) = alternative(fields, schema, scope);
    if let Some((name, value)) = tag.and_then(|tag| fields.get_key_value(tag)) {
        entries.push((name, value, None));
    }
    let (properties, others): (&[Property], _) = match schema.map(|schema| &schema.shape) {
        Some(Shape::Object(object)) => (&object.properties, object.extra.as_deref()),
        Some(Shape::Map(map)) => (&[], Some(&*map.values)),
        _ => (&[], None),
    };
    for property in properties {
        if let Some((name, value)) = fields.get_key_value(&property.name) {
            entries.push((name, value, Some(&property.schema)));
        }
    }
    for (name, value) in fields {
        if !entries.iter().any(|(known, _, _)| known == name) {
            entries.push((name, value, others));
        }
    }
    entries
}

/// The schema itself or, where it has alternatives, the one that the fields belong to, with the tag that says so.
fn alternative<'a>(
    fields: &Map<String, Value>,
    schema: Option<&'a Schema>,
    scope: Scope<'a>,
) -> (Option<&'a str>, Option<&'a Schema>) {
    let Some(Shape::OneOf(one_of)) = schema.map(|schema| &schema.shape) else {
        return (None, schema);
    };
    let tagged = |tag: &str| {
        let mut variants = one_of.variants.iter();
        variants.find(|one| one.tag.as_deref() == Some(tag)).map(|one| scope.follow(&one.schema))
    };
    match &one_of.tagging {
        Tagging::Internal(property) | Tagging::Discriminated(property) => {
            (Some(property), fields.get(property).and_then(Value::as_str).and_then(tagged))
        }
        Tagging::External | Tagging::Untagged => (None, None),
    }
}

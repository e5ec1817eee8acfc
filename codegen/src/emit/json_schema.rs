//! Payloads as JSON Schema 2020-12: canonical, self-contained, free of the way in which the catalog writes them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::scope::Scope;
use crate::model::{Catalog, Format, Pii, Property, Schema, Shape, SharedType, TypeRef, Version};

/// Names of `$schema`.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The payload of a version; what it refers to stands in `$defs`, by Rust name.
///
/// ```
/// let compilation = tidings_codegen::compile_files([
///     ("catalog.yaml", "catalog: shop"),
///     ("orders/domain.yaml", "domain: orders"),
///     (
///         "orders/created.yaml",
///         "event: orders.order.created\nversions: { 1.0: { payload: { type: object, properties: { id: { type: string } } } } }",
///     ),
/// ]);
/// let catalog = &compilation.catalog;
/// let schema = tidings_codegen::emit::json_schema::payload(catalog, catalog.events["orders.order.created"].newest());
/// assert_eq!(schema["properties"]["id"]["type"], "string");
/// ```
pub fn payload(catalog: &Catalog, version: &Version) -> Value {
    document(Scope::version(catalog, version), &version.payload)
}

/// A shared type; what it refers to stands in `$defs`.
pub fn shared_type(catalog: &Catalog, shared: &SharedType) -> Value {
    document(Scope::shared(catalog), &shared.schema)
}

fn document(scope: Scope<'_>, schema: &Schema) -> Value {
    let mut writer = Writer { scope, definitions: BTreeMap::new() };
    let written = writer.schema(schema);
    let mut document = Map::new();
    document.insert("$schema".to_owned(), json!(DIALECT));
    document.extend(written);
    if !writer.definitions.is_empty() {
        let definitions = writer.definitions.into_iter();
        let definitions = definitions.map(|(name, schema)| (name, Value::Object(schema))).collect();
        document.insert("$defs".to_owned(), Value::Object(definitions));
    }
    Value::Object(document)
}

struct Writer<'a> {
    scope: Scope<'a>,
    definitions: BTreeMap<String, Map<String, Value>>,
}

impl<'a> Writer<'a> {
    fn schema(&mut self, schema: &'a Schema) -> Map<String, Value> {
        let mut written = self.shape(&schema.shape);
        if schema.nullable {
            written = nullable(written);
        }
        let pii = schema.pii.map(|pii| match pii {
            Pii::Direct => "direct",
            Pii::Indirect => "indirect",
            Pii::Sensitive => "sensitive",
        });
        put(&mut written, "title", schema.title.as_deref());
        put(&mut written, "description", schema.description.as_deref());
        put(&mut written, "deprecated", schema.deprecated.then_some(true));
        put(&mut written, "default", schema.default.clone());
        put(&mut written, "x-pii", pii);
        written
    }

    fn value(&mut self, schema: &'a Schema) -> Value {
        Value::Object(self.schema(schema))
    }

    fn shape(&mut self, shape: &'a Shape) -> Map<String, Value> {
        match shape {
            Shape::Any => Map::new(),
            Shape::Boolean => of_type("boolean"),
            Shape::Integer { minimum, maximum } => {
                let mut written = of_type("integer");
                put(&mut written, "minimum", *minimum);
                put(&mut written, "maximum", *maximum);
                written
            }
            Shape::Number { minimum, maximum } => {
                let mut written = of_type("number");
                put(&mut written, "minimum", *minimum);
                put(&mut written, "maximum", *maximum);
                written
            }
            Shape::String { format, pattern, min_length, max_length } => {
                let mut written = of_type("string");
                put(&mut written, "format", format.as_ref().map(Format::name));
                put(&mut written, "pattern", pattern.as_deref());
                put(&mut written, "minLength", *min_length);
                put(&mut written, "maxLength", *max_length);
                written
            }
            Shape::Enum(values) => {
                let mut written = of_type("string");
                put(&mut written, "enum", Some(json!(values)));
                written
            }
            Shape::Const(value) => {
                let mut written = of_type("string");
                put(&mut written, "const", Some(json!(value)));
                written
            }
            Shape::Array { items, min_items, max_items, unique } => {
                let mut written = of_type("array");
                written.insert("items".to_owned(), self.value(items));
                put(&mut written, "minItems", *min_items);
                put(&mut written, "maxItems", *max_items);
                put(&mut written, "uniqueItems", unique.then_some(true));
                written
            }
            Shape::Object { properties } => self.object(properties, None),
            Shape::Map { values } => {
                let mut written = of_type("object");
                written.insert("additionalProperties".to_owned(), self.value(values));
                written
            }
            Shape::OneOf { tag, variants } => {
                let written = variants.iter().map(|variant| {
                    let properties = self.scope.properties(&variant.schema);
                    Value::Object(self.object(properties, Some((tag, &variant.tag))))
                });
                let written: Vec<Value> = written.collect();
                Map::from_iter([("oneOf".to_owned(), Value::Array(written))])
            }
            Shape::Ref(reference) => self.reference(reference),
        }
    }

    fn object(
        &mut self,
        properties: &'a [Property],
        tag: Option<(&String, &String)>,
    ) -> Map<String, Value> {
        let (mut fields, mut required) = (Map::new(), Vec::new());
        if let Some((tag, value)) = tag {
            fields.insert(tag.clone(), json!({ "const": value }));
            required.push(tag.clone());
        }
        for property in properties {
            fields.insert(property.name.clone(), self.value(&property.schema));
            if property.required {
                required.push(property.name.clone());
            }
        }
        let mut written = of_type("object");
        put(&mut written, "required", (!required.is_empty()).then(|| json!(required)));
        written.insert("properties".to_owned(), Value::Object(fields));
        written
    }

    fn reference(&mut self, reference: &TypeRef) -> Map<String, Value> {
        // What could not be resolved is any value: the mistake is reported where it was made.
        let Some(target) = self.scope.get(reference) else { return Map::new() };
        let name = &target.rust_name;
        if !self.definitions.contains_key(name) {
            // Claimed before its content is written, because it may refer to itself.
            self.definitions.insert(name.clone(), Map::new());
            let written = self.schema(&target.schema);
            self.definitions.insert(name.clone(), written);
        }
        Map::from_iter([("$ref".to_owned(), json!(format!("#/$defs/{name}")))])
    }
}

fn of_type(name: &str) -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), json!(name))])
}

fn put<T: Into<Value>>(written: &mut Map<String, Value>, keyword: &str, value: Option<T>) {
    if let Some(value) = value {
        written.insert(keyword.to_owned(), value.into());
    }
}

/// The same, or `null`.
fn nullable(mut written: Map<String, Value>) -> Map<String, Value> {
    if written.is_empty() {
        return written;
    }
    let plain = !written.contains_key("enum") && !written.contains_key("const");
    match written.get("type").cloned() {
        Some(name @ Value::String(_)) if plain => {
            written.insert("type".to_owned(), json!([name, "null"]));
            written
        }
        _ => Map::from_iter([("anyOf".to_owned(), json!([written, { "type": "null" }]))]),
    }
}

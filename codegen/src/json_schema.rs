//! Payloads as JSON Schema 2020-12: canonical, self-contained, free of the way in which the catalog writes them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::model::{
    Access, Catalog, Encoding, Format, Object, OneOf, Pii, Schema, Scope, Shape, SharedType,
    Tagging, Text, TypeRef, Version,
};

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
/// let schema = tidings_codegen::json_schema::payload(catalog, catalog.events["orders.order.created"].newest());
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
        let access = schema.access.map(|access| match access {
            Access::ReadOnly => "readOnly",
            Access::WriteOnly => "writeOnly",
        });
        let examples: Vec<Value> = schema.examples.iter().map(|one| one.value.clone()).collect();
        put(&mut written, "title", schema.title.as_deref());
        put(&mut written, "description", schema.description.as_deref());
        put(&mut written, "deprecated", schema.deprecated.then_some(true));
        if let Some(access) = access {
            written.insert(access.to_owned(), json!(true));
        }
        put(&mut written, "default", schema.default.clone());
        put(&mut written, "examples", (!examples.is_empty()).then_some(examples));
        put(&mut written, "x-pii", pii);
        written
    }

    fn value(&mut self, schema: &'a Schema) -> Value {
        Value::Object(self.schema(schema))
    }

    fn shape(&mut self, shape: &'a Shape) -> Map<String, Value> {
        match shape {
            Shape::Any => Map::new(),
            Shape::Null => of_type("null"),
            Shape::Boolean { only } => {
                let mut written = of_type("boolean");
                put(&mut written, "const", *only);
                written
            }
            Shape::Integer(integer) => {
                let mut written = of_type("integer");
                put(&mut written, "minimum", integer.minimum.and_then(whole));
                put(&mut written, "maximum", integer.maximum.and_then(whole));
                put(&mut written, "multipleOf", integer.multiple_of);
                let values = integer.values.iter().copied().filter_map(whole);
                put_values(&mut written, values.map(Value::Number).collect());
                written
            }
            Shape::Number(number) => {
                let mut written = of_type("number");
                for (bound, inclusive, exclusive) in [
                    (number.minimum, "minimum", "exclusiveMinimum"),
                    (number.maximum, "maximum", "exclusiveMaximum"),
                ] {
                    let Some(bound) = bound else { continue };
                    let name = if bound.exclusive { exclusive } else { inclusive };
                    written.insert(name.to_owned(), bound.value.into());
                }
                put(&mut written, "multipleOf", number.multiple_of);
                put_values(&mut written, number.values.iter().map(|value| json!(value)).collect());
                written
            }
            Shape::String(text) => string(text),
            Shape::Enum(values) => {
                let mut written = of_type("string");
                put_values(&mut written, values.iter().map(|value| json!(value)).collect());
                written
            }
            Shape::Array(array) => {
                let mut written = of_type("array");
                written.insert("items".to_owned(), self.value(&array.items));
                put(&mut written, "minItems", array.min_items);
                put(&mut written, "maxItems", array.max_items);
                put(&mut written, "uniqueItems", array.unique.then_some(true));
                written
            }
            Shape::Tuple(items) => {
                let mut written = of_type("array");
                let places: Vec<Value> = items.iter().map(|item| self.value(item)).collect();
                written.insert("prefixItems".to_owned(), Value::Array(places));
                written.insert("items".to_owned(), json!(false));
                written.insert("minItems".to_owned(), json!(items.len()));
                written
            }
            Shape::Object(object) => self.object(object, None),
            Shape::Map(map) => {
                let mut written = of_type("object");
                if let Some(keys) = &map.keys {
                    let mut keys = self.schema(keys);
                    // A name is always a string.
                    keys.remove("type");
                    written.insert("propertyNames".to_owned(), Value::Object(keys));
                }
                written.insert("additionalProperties".to_owned(), self.value(&map.values));
                put(&mut written, "minProperties", map.min_properties);
                put(&mut written, "maxProperties", map.max_properties);
                written
            }
            Shape::OneOf(one_of) => self.one_of(one_of),
            Shape::Ref(reference) => self.reference(reference),
        }
    }

    fn one_of(&mut self, one_of: &'a OneOf) -> Map<String, Value> {
        let mut mapping = Map::new();
        let mut written: Vec<Value> = Vec::new();
        for variant in &one_of.variants {
            let tag = variant.tag.as_deref().unwrap_or_default();
            let alternative = match (&one_of.tagging, &variant.schema.shape) {
                (Tagging::Internal(property), Shape::Object(object)) => {
                    let mut alternative = self.object(object, Some((property, tag)));
                    put(&mut alternative, "title", variant.schema.title.as_deref());
                    put(&mut alternative, "description", variant.schema.description.as_deref());
                    put(&mut alternative, "deprecated", variant.schema.deprecated.then_some(true));
                    alternative
                }
                (Tagging::External, _) => {
                    let mut alternative = of_type("object");
                    alternative.insert("required".to_owned(), json!([tag]));
                    let value = self.value(&variant.schema);
                    alternative.insert("properties".to_owned(), json!({ tag: value }));
                    alternative
                }
                _ => self.schema(&variant.schema),
            };
            if let (Tagging::Discriminated(_), Some(target)) =
                (&one_of.tagging, alternative.get("$ref"))
            {
                mapping.insert(tag.to_owned(), target.clone());
            }
            let alternative = Value::Object(alternative);
            if !written.contains(&alternative) {
                written.push(alternative);
            }
        }
        let keyword = if self.exclude_each_other(one_of) { "oneOf" } else { "anyOf" };
        let mut all = Map::from_iter([(keyword.to_owned(), Value::Array(written))]);
        if let Tagging::Discriminated(property) = &one_of.tagging {
            let discriminator = json!({ "propertyName": property, "mapping": mapping });
            all.insert("discriminator".to_owned(), discriminator);
        }
        all
    }

    /// Whether no value is two of the alternatives, so that `oneOf` refuses nothing that a reader reads.
    fn exclude_each_other(&self, one_of: &OneOf) -> bool {
        match &one_of.tagging {
            Tagging::Internal(_) | Tagging::External => true,
            Tagging::Untagged => false,
            Tagging::Discriminated(tag) => {
                let mut seen = Vec::new();
                one_of.variants.iter().all(|variant| {
                    let properties = self.scope.properties(&variant.schema);
                    let tag = properties.iter().find(|property| property.name == *tag);
                    match tag.map(|tag| &self.scope.follow(&tag.schema).shape) {
                        Some(Shape::Enum(values)) => {
                            let is_new = values.iter().all(|value| !seen.contains(&value));
                            seen.extend(values);
                            is_new
                        }
                        _ => false,
                    }
                })
            }
        }
    }

    fn object(&mut self, object: &'a Object, tag: Option<(&str, &str)>) -> Map<String, Value> {
        let (mut fields, mut required) = (Map::new(), Vec::new());
        if let Some((tag, value)) = tag {
            fields.insert(tag.to_owned(), json!({ "const": value }));
            required.push(tag);
        }
        for property in &object.properties {
            fields.insert(property.name.clone(), self.value(&property.schema));
            if property.required {
                required.push(&property.name);
            }
        }
        let mut written = of_type("object");
        put(&mut written, "required", (!required.is_empty()).then(|| json!(required)));
        written.insert("properties".to_owned(), Value::Object(fields));
        if let Some(extra) = &object.extra {
            // Also any value has to be written, because a struct without this keeps no others.
            let extra = match &extra.shape {
                Shape::Any => json!(true),
                _ => self.value(extra),
            };
            written.insert("additionalProperties".to_owned(), extra);
        } else if object.closed {
            written.insert("additionalProperties".to_owned(), json!(false));
        }
        put(&mut written, "minProperties", object.min_properties);
        put(&mut written, "maxProperties", object.max_properties);
        if !object.dependent_required.is_empty() {
            let dependent = object.dependent_required.iter();
            let dependent: Map<String, Value> =
                dependent.map(|(name, others)| (name.clone(), json!(others))).collect();
            written.insert("dependentRequired".to_owned(), Value::Object(dependent));
        }
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

fn string(text: &Text) -> Map<String, Value> {
    let mut written = of_type("string");
    put(&mut written, "format", text.format.as_ref().map(Format::name));
    match text.patterns.as_slice() {
        [] => {}
        [only] => put(&mut written, "pattern", Some(only.as_str())),
        several => {
            let all = several.iter().map(|pattern| json!({ "pattern": pattern }));
            written.insert("allOf".to_owned(), Value::Array(all.collect()));
        }
    }
    put(&mut written, "minLength", text.min_length);
    put(&mut written, "maxLength", text.max_length);
    put(&mut written, "contentEncoding", text.encoding.map(Encoding::name));
    written
}

fn of_type(name: &str) -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), json!(name))])
}

fn put<T: Into<Value>>(written: &mut Map<String, Value>, keyword: &str, value: Option<T>) {
    if let Some(value) = value {
        written.insert(keyword.to_owned(), value.into());
    }
}

/// All that a value can be.
fn put_values(written: &mut Map<String, Value>, mut values: Vec<Value>) {
    match values.len() {
        0 => {}
        1 => put(written, "const", values.pop()),
        _ => put(written, "enum", Some(values)),
    }
}

fn whole(number: i128) -> Option<serde_json::Number> {
    i64::try_from(number).map(Into::into).or_else(|_| u64::try_from(number).map(Into::into)).ok()
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

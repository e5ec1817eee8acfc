use serde_json::json;
use tidings_codegen::yaml::Kind;

use crate::import::Importer;
use crate::import::documents::At;
use crate::schema::{Holds, holds, ordered};
use crate::yaml::{Mapping, Node, Value};

/// Keywords that say nothing about values.
const DROPPED: [&str; 10] = [
    "$anchor",
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "$vocabulary",
    "definitions",
    "externalDocs",
    "id",
    "xml",
];

/// Keywords that say something about a reference, and what is unwrapped.
const BESIDE_REFERENCE: [&str; 8] =
    ["allOf", "default", "deprecated", "description", "examples", "readOnly", "title", "x-pii"];

/// Formats of numbers: how other languages keep them.
const FORMATS_OF_NUMBERS: [&str; 4] = ["int32", "int64", "float", "double"];

impl Importer {
    /// A schema, its keywords in the order in which people write them.
    pub(in crate::import) fn schema(&mut self, at: &At) -> Node {
        ordered(self.lowered(at))
    }

    fn lowered(&mut self, at: &At) -> Node {
        let origin = at.node.span;
        if !matches!(at.node.kind, Kind::Mapping(_)) {
            let any = Node::from(Mapping::default()).placed(origin);
            if at.node.to_value() == json!(true) {
                return any;
            }
            self.notes.changed(origin, format!("{} is no schema: any value", at.node.describe()));
            return any.commented("no schema in the document");
        }
        let mut schema = Mapping::default();
        let mut comments = Vec::new();
        for (keyword, value) in at.entries() {
            self.keyword(at, &keyword, &value, &mut schema, &mut comments);
        }
        unwrap_reference(&mut schema);
        imply_type(&mut schema);
        complete(&mut schema);
        if at.node.get("nullable").is_some_and(|nullable| nullable.to_value() == json!(true)) {
            schema = nullable(schema);
        }
        let mut node = Node::from(schema).placed(origin);
        node.comments = comments;
        node
    }

    fn keyword(
        &mut self,
        at: &At,
        keyword: &str,
        value: &At,
        schema: &mut Mapping,
        comments: &mut Vec<String>,
    ) {
        let data = || value.value();
        let flag = |name: &str| at.node.get(name).is_some_and(|it| it.to_value() == json!(true));
        match keyword {
            "$ref" => self.reference(at, schema, comments),
            "nullable" => {}
            _ if DROPPED.contains(&keyword) || keyword.starts_with("x-parser-") => {}
            "format"
                if value.node.text().is_some_and(|text| FORMATS_OF_NUMBERS.contains(&text)) => {}
            "format" if value.node.text() == Some("byte") => {
                schema.insert("contentEncoding", "base64");
            }
            "example" if at.node.get("examples").is_none() => {
                schema.insert("examples", vec![data()]);
            }
            "example" => {}
            "examples" if value.items().is_empty() => schema.insert("examples", vec![data()]),
            // Said by the bound itself, and in the list around the property.
            "exclusiveMinimum" | "exclusiveMaximum" | "required"
                if value.node.to_value().is_boolean() => {}
            "minimum" if flag("exclusiveMinimum") => schema.insert("exclusiveMinimum", data()),
            "maximum" if flag("exclusiveMaximum") => schema.insert("exclusiveMaximum", data()),
            "discriminator" if at.node.get("x-discriminator").is_some() => {}
            "discriminator" | "x-discriminator" => {
                schema.insert("discriminator", self.discriminator(value));
            }
            "dependencies" => self.dependencies(value, schema),
            "items" if matches!(value.node.kind, Kind::Sequence(_)) => {
                schema.insert("prefixItems", self.schemas(value));
            }
            "additionalItems" if at.items_of("items").is_empty() => {}
            "additionalItems" if value.node.to_value().is_boolean() => {
                schema.insert("items", data());
            }
            "additionalItems" => schema.insert("items", self.lowered(value)),
            "properties" => self.properties(value, schema),
            _ => {
                let written = match holds(keyword) {
                    Holds::Schema | Holds::SchemaOrList if value.node.to_value().is_boolean() => {
                        data()
                    }
                    Holds::Schema | Holds::SchemaOrList => self.lowered(value),
                    Holds::List => self.schemas(value),
                    Holds::Map => {
                        let named = value.entries().into_iter();
                        let named: Mapping =
                            named.map(|(name, schema)| (name, self.lowered(&schema))).collect();
                        Node::from(named).placed(value.node.span)
                    }
                    Holds::Data => data(),
                };
                schema.insert(keyword, written);
            }
        }
    }

    /// A `discriminator` of OpenAPI, or the mere name of AsyncAPI.
    fn discriminator(&mut self, at: &At) -> Mapping {
        let name = at.get("propertyName").unwrap_or_else(|| at.clone());
        let mut discriminator = Mapping::from_iter([("propertyName", name.value())]);
        let mut mapping = Mapping::default();
        for (tag, target) in at.entries_of("mapping") {
            let reference = target.node.text().unwrap_or_default();
            let named = format!("#/components/schemas/{reference}");
            let found = self.documents.target(&target.file, reference);
            if let Ok(found) = found.or_else(|_| self.documents.target(&target.file, &named)) {
                let stem = self.types.stem(&found);
                mapping.insert(tag, format!("../types/{stem}.yaml"));
            }
        }
        if !mapping.is_empty() {
            discriminator.insert("mapping", mapping);
        }
        discriminator
    }

    /// `dependencies` of earlier drafts: lists of names, or schemas.
    fn dependencies(&mut self, at: &At, schema: &mut Mapping) {
        let (lists, schemas): (Vec<_>, Vec<_>) = at
            .entries()
            .into_iter()
            .partition(|(_, value)| matches!(value.node.kind, Kind::Sequence(_)));
        let lists: Mapping = lists.into_iter().map(|(name, list)| (name, list.value())).collect();
        let schemas: Mapping =
            schemas.into_iter().map(|(name, one)| (name, self.lowered(&one))).collect();
        for (keyword, written) in [("dependentRequired", lists), ("dependentSchemas", schemas)] {
            if !written.is_empty() {
                schema.insert(keyword, Node::from(written).placed(at.node.span));
            }
        }
    }

    fn schemas(&mut self, list: &At) -> Node {
        let schemas: Vec<Node> = list.items().iter().map(|item| self.lowered(item)).collect();
        Node::from(schemas).placed(list.node.span)
    }

    fn properties(&mut self, at: &At, schema: &mut Mapping) {
        let mut properties = Mapping::default();
        let mut required: Vec<Node> =
            schema.get("required").map(|list| list.as_list().to_vec()).unwrap_or_default();
        for (name, value) in at.entries() {
            if value.node.to_value() == json!(false) {
                self.notes.dropped(
                    value.node.span,
                    format!("the property `{name}`, which must not be there"),
                );
                continue;
            }
            // As drafts up to 3 said it.
            if value.node.get("required").is_some_and(|flag| flag.to_value() == json!(true)) {
                required.push(Node::from(name.as_str()));
            }
            properties.insert(name, self.lowered(&value));
        }
        if !required.is_empty() {
            schema.insert("required", required);
        }
        schema.insert("properties", Node::from(properties).placed(at.node.span));
    }

    /// A reference to a shared type, for which a file is written.
    fn reference(&mut self, at: &At, schema: &mut Mapping, comments: &mut Vec<String>) {
        match self.documents.follow(at) {
            Ok(target) => {
                let stem = self.types.stem(&target);
                schema.insert("$ref", format!("../types/{stem}.yaml"));
            }
            Err(why) => {
                self.notes.changed(at.node.span, format!("any value instead of a schema: {why}"));
                comments.push(format!("any value: {why}"));
            }
        }
    }
}

/// Writes a `$ref` beside what is said about it, as 2020-12 can: earlier drafts have it alone in an `allOf`.
fn unwrap_reference(schema: &mut Mapping) {
    let Some([only]) = schema.get("allOf").map(Node::as_list) else { return };
    let Some(inner) = only.as_map() else { return };
    let alone = inner.len() == 1 && inner.contains("$ref");
    let annotated = schema.iter().all(|(keyword, _)| BESIDE_REFERENCE.contains(&keyword));
    if alone && annotated {
        let reference = inner.get("$ref").cloned();
        schema.remove("allOf");
        schema.insert_some("$ref", reference);
    }
}

/// Says the type of a schema that only implies it.
fn imply_type(schema: &mut Mapping) {
    const DECIDES: [&str; 8] = ["$ref", "allOf", "anyOf", "const", "enum", "oneOf", "type", "not"];
    const IMPLIES: [(&str, &[&str]); 4] = [
        (
            "object",
            &[
                "properties",
                "additionalProperties",
                "required",
                "minProperties",
                "maxProperties",
                "patternProperties",
            ],
        ),
        ("array", &["items", "prefixItems", "minItems", "maxItems", "uniqueItems"]),
        ("string", &["pattern", "minLength", "maxLength", "format", "contentEncoding"]),
        ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    ];
    if DECIDES.iter().any(|keyword| schema.contains(keyword)) {
        return;
    }
    let implied =
        IMPLIES.iter().find(|(_, keywords)| keywords.iter().any(|one| schema.contains(one)));
    if let Some((ty, _)) = implied {
        schema.insert("type", *ty);
    }
}

/// Says of a list and of an object without further words that anything can be in it.
fn complete(schema: &mut Mapping) {
    let is = |ty: &str| schema.get("type").and_then(Node::as_text) == Some(ty);
    let composed = ["allOf", "anyOf", "oneOf"].iter().any(|keyword| schema.contains(keyword));
    if is("array") && !schema.contains("items") && !schema.contains("prefixItems") {
        schema.insert("items", Mapping::default());
    } else if is("object")
        && !composed
        && !["properties", "additionalProperties", "required", "patternProperties"]
            .iter()
            .any(|keyword| schema.contains(keyword))
    {
        schema.insert("additionalProperties", true);
    }
}

/// The same, or `null`.
fn nullable(mut schema: Mapping) -> Mapping {
    let null = || Node::from(json!({ "type": "null" }));
    for union in ["anyOf", "oneOf"] {
        if let Some(Value::List(items)) = schema.get_mut(union).map(|node| &mut node.value) {
            items.push(null());
            return schema;
        }
    }
    let ty = schema.get("type").and_then(Node::as_text).map(str::to_owned);
    if let Some(ty) = ty {
        schema.insert("type", json!([ty, "null"]));
        if let Some(Value::List(values)) = schema.get_mut("enum").map(|node| &mut node.value)
            && !values.iter().any(|value| value.value == Value::Null)
        {
            values.push(Node::from(Value::Null));
        }
        return schema;
    }
    if schema.is_empty() {
        return schema;
    }
    Mapping::from_iter([("anyOf", vec![Node::from(schema), null()])])
}

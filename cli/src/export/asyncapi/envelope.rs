//! What surrounds a payload on the wire: CloudEvents 1.0 over NATS.

use serde_json::{Value, json};
use tidings_codegen::facts;
use tidings_codegen::model::{Catalog, Event, Version};

use super::{ContentMode, reference};
use crate::export::json_schema;
use crate::yaml::{Mapping, Node};

/// The attributes that examples carry.
const EXAMPLE_ID: &str = "019bc0f7-1b40-7cc2-b1a2-3f6a5e0d9c11";
const EXAMPLE_TIME: &str = "2026-01-15T09:30:00Z";
const EXAMPLE_TENANT: &str = "acme";

/// The schema, under `components`, of what all messages in structured mode have.
pub(super) const ENVELOPE: &str = "CloudEvent";

/// A message's content type.
pub(super) fn content_type(mode: ContentMode) -> &'static str {
    match mode {
        ContentMode::Structured => "application/cloudevents+json",
        ContentMode::Binary => "application/json",
    }
}

/// An attribute of every event: name, schema, whether it is always there.
type Attribute = (&'static str, Value, bool);

fn attributes(catalog: &Catalog) -> Vec<Attribute> {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let mut attributes = vec![
        ("specversion", json!({ "type": "string", "const": "1.0" }), true),
        ("id", text("A repeated id is the same event."), true),
        ("source", text("Who published it."), true),
        ("type", text("What happened."), true),
        (
            "time",
            json!({ "type": "string", "format": "date-time", "description": "When it happened." }),
            false,
        ),
        ("subject", text("What it happened to: the value of the event's key."), false),
        ("dataschema", text("Which schema the data keeps."), false),
        ("datacontenttype", text("What the data is written in."), false),
    ];
    if let Some(tenancy) = &catalog.tenancy {
        let description = format!("The tenant: `{}`.", tenancy.attribute);
        attributes.push(("organizationid", text(&description), tenancy.required));
    }
    attributes.extend([
        ("correlationid", text("Shared by all events that one first event led to."), false),
        ("causationid", text("The id of the event that led to this one."), false),
        ("schemaversion", text("The version of the data's schema."), false),
        ("partitionkey", text("Events with one key stay in order."), false),
        ("traceparent", text("W3C trace context: the span that published it."), false),
        ("tracestate", text("What tracing systems add to it."), false),
    ]);
    if catalog.events.values().any(|event| !event.encrypt.is_empty()) {
        let words = "Which values of the data are encrypted, as `enc1.<key>.<ciphertext>`, and what stands for each once it \
                     is erased: `text:/email absent:/note`.";
        attributes.push(("encryptedfields", text(words), false));
    }
    if lies_apart(catalog) {
        attributes.extend([
            ("dataref", text("Where the data is instead: `nats-object:<bucket>/<object>`."), false),
            ("datasize", text("Bytes of the data that is there."), false),
            ("datadigest", text("Its digest: `SHA-256=` and base64url."), false),
        ]);
    }
    attributes
}

/// Whether the data of some events may be elsewhere.
fn lies_apart(catalog: &Catalog) -> bool {
    catalog.streams.values().any(|stream| stream.payloads.claim_check.is_some())
}

/// The schema of what all messages in structured mode have.
pub(super) fn schema(catalog: &Catalog) -> Node {
    let attributes = attributes(catalog);
    let required = attributes.iter().filter(|(.., required)| *required);
    let data = (!lies_apart(catalog)).then_some("data");
    let required: Vec<&str> = required.map(|(name, ..)| *name).chain(data).collect();
    let mut properties: Mapping =
        attributes.iter().map(|(name, schema, _)| (*name, Node::from(schema.clone()))).collect();
    properties.insert("data", json!({}));
    let mut schema = Mapping::default();
    schema.insert("title", "CloudEvents 1.0 in structured mode");
    schema.insert("type", "object");
    schema.insert("required", json!(required));
    schema.insert("properties", properties);
    schema.into()
}

/// The schema of a message's headers.
pub(super) fn headers(
    catalog: &Catalog,
    event: &Event,
    version: &Version,
    mode: ContentMode,
) -> Mapping {
    let mut properties = Mapping::default();
    let mut required = Vec::new();
    properties.insert(
        "Nats-Msg-Id",
        json!({ "type": "string", "description": "The event's id: the server drops what it has seen." }),
    );
    let stream = catalog.domains.get(&event.domain).and_then(|it| catalog.streams.get(&it.stream));
    if let Some(above) = stream.and_then(|stream| stream.payloads.compress_above) {
        let words = format!("Of bodies above {}, which are compressed.", facts::size(above));
        properties.insert(
            "Content-Encoding",
            json!({ "type": "string", "const": "zstd", "description": words }),
        );
    }
    match mode {
        ContentMode::Structured => {
            properties
                .insert("Content-Type", json!({ "type": "string", "const": content_type(mode) }));
        }
        ContentMode::Binary => {
            for (name, schema, always) in attributes(catalog) {
                let header = format!("ce-{name}");
                if always {
                    required.push(header.clone());
                }
                properties
                    .insert(header, constant(catalog, event, version, name).unwrap_or(schema));
            }
        }
    }
    let mut headers = Mapping::from_iter([("type", "object")]);
    if !required.is_empty() {
        headers.insert("required", json!(required));
    }
    headers.insert("properties", properties);
    headers
}

/// The schema of an attribute that every event of a version has alike.
fn constant(catalog: &Catalog, event: &Event, version: &Version, name: &str) -> Option<Value> {
    let value = match name {
        "type" => event.id.clone(),
        "dataschema" => json_schema::id(catalog, event, version),
        "schemaversion" => version.id.to_string(),
        _ => return None,
    };
    Some(json!({ "type": "string", "const": value }))
}

/// The schema of a message's body around that of its payload.
pub(super) fn body(
    catalog: &Catalog,
    event: &Event,
    version: &Version,
    payload: Node,
    mode: ContentMode,
) -> Node {
    if mode == ContentMode::Binary {
        return payload;
    }
    let names = ["type", "dataschema", "schemaversion"].into_iter();
    let mut properties: Mapping = names
        .filter_map(|name| Some((name, Node::from(constant(catalog, event, version, name)?))))
        .collect();
    properties.insert("data", payload);
    let own = Mapping::from_iter([("properties", properties)]);
    let parts = vec![reference(&format!("#/components/schemas/{ENVELOPE}")), own.into()];
    Mapping::from_iter([("type", Node::from("object")), ("allOf", parts.into())]).into()
}

/// The attributes of an example.
fn example(catalog: &Catalog, event: &Event, version: &Version, payload: &Value) -> Mapping {
    let publisher = catalog
        .services
        .values()
        .find(|service| service.publishes.iter().any(|published| published.event == event.id));
    let source = publisher.map_or("publisher", |service| service.name.as_str());
    let key = event.key.as_ref().and_then(|key| payload.get(key));
    let key = key.map(|key| key.as_str().map_or_else(|| key.to_string(), str::to_owned));
    let mut attributes = Mapping::default();
    attributes.insert("specversion", "1.0");
    attributes.insert("id", EXAMPLE_ID);
    attributes.insert("source", format!("/{}/{source}", catalog.name));
    attributes.insert("type", event.id.as_str());
    attributes.insert("time", EXAMPLE_TIME);
    attributes.insert_some("subject", key.as_deref());
    attributes.insert("dataschema", json_schema::id(catalog, event, version));
    attributes.insert("datacontenttype", "application/json");
    attributes.insert_some("organizationid", catalog.tenancy.as_ref().map(|_| EXAMPLE_TENANT));
    attributes.insert("correlationid", EXAMPLE_ID);
    attributes.insert("schemaversion", version.id.to_string());
    attributes.insert_some("partitionkey", key.as_deref());
    attributes
}

/// The headers of an example, where they say more than the body.
pub(super) fn example_headers(
    catalog: &Catalog,
    event: &Event,
    version: &Version,
    payload: &Value,
    mode: ContentMode,
) -> Option<Mapping> {
    (mode == ContentMode::Binary).then(|| {
        let attributes = example(catalog, event, version, payload).into_iter();
        attributes.map(|(name, value)| (format!("ce-{name}"), value)).collect()
    })
}

/// The body of an example.
pub(super) fn example_body(
    catalog: &Catalog,
    event: &Event,
    version: &Version,
    payload: &Value,
    mode: ContentMode,
) -> Node {
    let data = Node::from(payload.clone());
    if mode == ContentMode::Binary {
        return data;
    }
    let mut body = example(catalog, event, version, payload);
    body.insert("data", data);
    body.into()
}

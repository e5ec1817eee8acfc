//! An example of an event as it goes over the wire.

use serde_json::Value;

use super::json;
use crate::model::{Catalog, Event, Example, Scope, Version};

/// Of the event, and of what it belongs to: it is the first of its kind.
const ID: &str = "019bc0f7-1b40-7cc2-b1a2-3f6a5e0d9c11";

/// A message of the event in CloudEvents' structured mode.
pub(super) fn message(
    catalog: &Catalog,
    event: &Event,
    version: &Version,
    source: &str,
    example: &Example,
) -> String {
    let scope = Scope::version(catalog, version);
    let key = event.key.as_ref().and_then(|key| example.value.get(key)).map(plain);
    let organization = catalog.tenancy.as_ref().map(|_| "acme".to_owned());
    // In the order in which the SDK writes them.
    let attributes = [
        ("specversion", Some("1.0".to_owned())),
        ("id", Some(ID.to_owned())),
        ("source", Some(format!("/{}/{source}", catalog.name))),
        ("type", Some(event.id.clone())),
        ("time", Some("2026-01-15T09:30:00Z".to_owned())),
        ("subject", key.clone()),
        ("dataschema", Some(format!("urn:{}:{}:{}", catalog.name, event.id, version.id))),
        ("datacontenttype", Some("application/json".to_owned())),
        ("organizationid", organization),
        ("correlationid", Some(ID.to_owned())),
        ("schemaversion", Some(version.id.to_string())),
        ("partitionkey", key),
    ];
    let attributes = attributes.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let mut lines: Vec<String> =
        attributes.map(|(name, value)| format!("  \"{name}\": {}", Value::from(value))).collect();
    let data = json::pretty(&example.value, Some(&version.payload), scope, 2);
    lines.push(format!("  \"data\": {data}"));
    format!("{{\n{}\n}}", lines.join(",\n"))
}

/// A key as text.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

//! An example of an event as it goes over the wire.

use serde_json::Value;
use tidings_payload::convert::{EACH, segments};

use super::json;
use crate::model::{Catalog, Encrypted, Event, Example, Scope, Version};

/// Of the event, and of what it belongs to: it is the first of its kind.
const ID: &str = "019bc0f7-1b40-7cc2-b1a2-3f6a5e0d9c11";

/// An encrypted value, with less of it than there would be.
const SEALED: &str = "enc1.8d3f0a51c6e2b794.…";

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
    let mut payload = example.value.clone();
    let encrypted = encrypt(&mut payload, &scope.encrypted(&version.payload, &event.encrypt).0);
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
        ("encryptedfields", encrypted),
        ("partitionkey", key),
    ];
    let attributes = attributes.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let mut lines: Vec<String> =
        attributes.map(|(name, value)| format!("  \"{name}\": {}", Value::from(value))).collect();
    let data = json::pretty(&payload, Some(&version.payload), scope, 2);
    lines.push(format!("  \"data\": {data}"));
    format!("{{\n{}\n}}", lines.join(",\n"))
}

/// Puts encrypted values in their places; gives the list of these.
fn encrypt(payload: &mut Value, places: &[Encrypted]) -> Option<String> {
    let mut list = Vec::new();
    for Encrypted { pointer, erased } in places {
        let way: Vec<String> = segments(pointer).collect();
        if seal(payload, &way) {
            let erased = erased.as_str();
            let pointer = pointer.replace('%', "%25").replace(' ', "%20");
            list.push(format!("{erased}:{pointer}"));
        }
    }
    (!list.is_empty()).then(|| list.join(" "))
}

/// Whether there was anything to encrypt. What is null stays.
fn seal(value: &mut Value, way: &[String]) -> bool {
    let Some((first, rest)) = way.split_first() else {
        let is_there = !value.is_null();
        if is_there {
            *value = SEALED.into();
        }
        return is_there;
    };
    let each = |sealed, one| seal(one, rest) || sealed;
    match value {
        Value::Array(items) if first == EACH => items.iter_mut().fold(false, each),
        Value::Object(members) if first == EACH => members.values_mut().fold(false, each),
        Value::Array(items) => {
            let item = first.parse::<usize>().ok().and_then(|at| items.get_mut(at));
            item.is_some_and(|item| seal(item, rest))
        }
        Value::Object(members) => members.get_mut(first).is_some_and(|member| seal(member, rest)),
        _ => false,
    }
}

/// A key as text.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

//! An example of an event as it goes over the wire.

use serde_json::Value;
use tidings_payload::convert::{EACH, segments};

use super::{json, people};
use crate::model::{Catalog, Encrypted, Event, Scope, SubjectToken, Version};

/// Of the event, and of what it belongs to: it is the first of its kind.
const ID: &str = "019bc0f7-1b40-7cc2-b1a2-3f6a5e0d9c11";

/// An encrypted value, with less of it than there would be.
const SEALED: &str = "enc1.8d3f0a51c6e2b794.…";

/// A message of an event, in CloudEvents' structured mode.
pub(in crate::emit) struct Message {
    /// The subject that it is stored under.
    pub(in crate::emit) subject: String,
    /// In the order in which the SDK writes them.
    pub(in crate::emit) headers: Vec<(&'static str, String)>,
    /// JSON, indented for people.
    pub(in crate::emit) body: String,
    /// The payload as its publisher has it, as JSON.
    pub(in crate::emit) payload: String,
    /// Whether values of the body are encrypted.
    pub(in crate::emit) is_encrypted: bool,
}

/// The first example of a version as a message; none without an example.
pub(in crate::emit) fn example(
    catalog: &Catalog,
    event: &Event,
    version: &Version,
) -> Option<Message> {
    let example = version.examples.first()?;
    let scope = Scope::version(catalog, version);
    let key = event.key.as_ref().and_then(|key| example.value.get(key)).map(plain);
    let stream = catalog.domains.get(&event.domain).map(|domain| domain.stream.clone());
    let headers = [
        ("Content-Type", Some("application/cloudevents+json".to_owned())),
        ("Nats-Msg-Id", Some(ID.to_owned())),
        ("Nats-Expected-Stream", stream),
    ];
    let mut payload = example.value.clone();
    let places = scope.encrypted(&version.payload, &event.encrypt).0;
    let encrypted = encrypt(&mut payload, &places);
    Some(Message {
        subject: subject(event, &example.value, key.as_deref()),
        headers: headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        payload: json::pretty(&example.value, Some(&version.payload), scope, 0),
        is_encrypted: encrypted.is_some(),
        body: body(catalog, event, version, &payload, key, encrypted),
    })
}

/// The template, filled from the payload; with the partition behind it where the stream is divided.
fn subject(event: &Event, payload: &Value, key: Option<&str>) -> String {
    let filled = event.subject.tokens.iter().map(|token| match token {
        SubjectToken::Literal(text) => text.clone(),
        SubjectToken::Property(name) => {
            payload.get(name).map_or_else(|| format!("{{{name}}}"), plain)
        }
    });
    let partition = event.partitions.zip(key).map(|(count, key)| partition(key, count).to_string());
    filled.chain(partition).collect::<Vec<_>>().join(".")
}

/// 32-bit FNV-1a, as in the runtime's `tidings::partition`.
fn partition(key: &str, partitions: u16) -> u32 {
    let fold = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    key.bytes().fold(0x811c_9dc5, fold) % u32::from(partitions.max(1))
}

fn body(
    catalog: &Catalog,
    event: &Event,
    version: &Version,
    payload: &Value,
    key: Option<String>,
    encrypted: Option<String>,
) -> String {
    let scope = Scope::version(catalog, version);
    let sender = sender(catalog, event, version);
    let organization = catalog.tenancy.as_ref().map(|_| "acme".to_owned());
    let aggregate_version = catalog.aggregate_of(event).map(|_| "1".to_owned());
    // In the order in which the SDK writes them.
    let attributes = [
        ("specversion", Some("1.0".to_owned())),
        ("id", Some(ID.to_owned())),
        ("source", Some(format!("/{}/{sender}", catalog.name))),
        ("type", Some(event.id.clone())),
        ("time", Some("2026-01-15T09:30:00Z".to_owned())),
        ("subject", key.clone()),
        ("dataschema", Some(format!("urn:{}:{}:{}", catalog.name, event.id, version.id))),
        ("datacontenttype", Some("application/json".to_owned())),
        ("organizationid", organization),
        ("correlationid", Some(ID.to_owned())),
        ("schemaversion", Some(version.id.to_string())),
        ("majors", majors(event, version)),
        ("encryptedfields", encrypted),
        ("partitionkey", key),
        ("aggregateversion", aggregate_version),
    ];
    let attributes = attributes.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let mut lines: Vec<String> =
        attributes.map(|(name, value)| format!("  \"{name}\": {}", Value::from(value))).collect();
    let data = json::pretty(payload, Some(&version.payload), scope, 2);
    lines.push(format!("  \"data\": {data}"));
    format!("{{\n{}\n}}", lines.join(",\n"))
}

/// A service that publishes this version, or else any.
fn sender<'a>(catalog: &'a Catalog, event: &'a Event, version: &Version) -> &'a str {
    let exact = people::sent(catalog, event).find(|(_, sent)| sent.major == version.id.major);
    let exact = exact.map(|(service, _)| service.name.as_str());
    exact.or_else(|| people::publishers(catalog, event).next()).unwrap_or("service")
}

/// The versions in which a fact is published, where these are several.
fn majors(event: &Event, version: &Version) -> Option<String> {
    let mut majors: Vec<u16> = event.published_as(version.id.major).collect();
    majors.sort_unstable();
    let words: Vec<String> = majors.iter().map(u16::to_string).collect();
    (words.len() > 1).then(|| words.join(","))
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

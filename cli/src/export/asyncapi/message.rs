use serde_json::json;
use tidings_codegen::model::{Catalog, Event, Scope, Version, VersionId};

use super::schemas::Schemas;
use super::{ContentMode, envelope};
use crate::schema::ordered;
use crate::yaml::{Mapping, Node};

/// A message's key under `components`.
pub(super) fn key(event: &Event, version: VersionId) -> String {
    format!("{}.{}", event.id, local_key(version))
}

/// A message's key in its channel.
pub(super) fn local_key(version: VersionId) -> String {
    format!("v{version}")
}

/// The message of a version.
pub(super) fn message(
    catalog: &Catalog,
    event: &Event,
    version: &Version,
    mode: ContentMode,
    schemas: &mut Schemas<'_>,
) -> Mapping {
    let payload = schemas.payload(event, version);
    let mut message = Mapping::default();
    message.insert("name", event.rust_name.as_str());
    message.insert("title", format!("{} {}", event.rust_name, version.id));
    let summary = version.summary.as_ref().or(event.summary.as_ref());
    message.insert_some("summary", summary.map(String::as_str));
    message.insert_some("description", description(version));
    message.insert("contentType", envelope::content_type(mode));
    message.insert("headers", ordered(envelope::headers(catalog, event, version, mode).into()));
    message.insert("payload", ordered(envelope::body(catalog, event, version, payload, mode)));
    let examples: Vec<Node> = version
        .examples
        .iter()
        .enumerate()
        .map(|(at, example)| {
            let mut written = Mapping::from_iter([("name", format!("example_{}", at + 1))]);
            let headers = envelope::example_headers(catalog, event, version, &example.value, mode);
            written.insert_some("headers", headers);
            let payload = envelope::example_body(catalog, event, version, &example.value, mode);
            written.insert("payload", payload);
            Node::from(written)
        })
        .collect();
    if !examples.is_empty() {
        message.insert("examples", examples);
    }
    message.insert("x-tidings-version", version.id.to_string());
    let encrypted: Mapping = Scope::version(catalog, version)
        .encrypted(&version.payload, &event.encrypt)
        .0
        .into_iter()
        .map(|place| (place.pointer, json!({ "erased": place.erased.as_str() })))
        .collect();
    if !encrypted.is_empty() {
        message.insert("x-tidings-encrypted", encrypted);
    }
    if let Some(deprecated) = &version.deprecated {
        let mut facts = Mapping::default();
        facts.insert_some("since", deprecated.since.as_deref());
        facts.insert_some("use", deprecated.instead.map(|version| version.to_string()));
        facts.insert_some("because", deprecated.because.as_deref());
        message.insert("x-tidings-deprecated", facts);
    }
    message
}

/// What tools that know no `x-tidings-deprecated` show.
fn description(version: &Version) -> Option<String> {
    let deprecated = version.deprecated.as_ref()?;
    let mut text = "**Deprecated**".to_owned();
    if let Some(since) = &deprecated.since {
        text.push_str(&format!(" since {since}"));
    }
    if let Some(instead) = deprecated.instead {
        text.push_str(&format!("; use {instead} instead"));
    }
    if let Some(because) = &deprecated.because {
        text.push_str(&format!(": {because}"));
    }
    text.push('.');
    Some(text)
}

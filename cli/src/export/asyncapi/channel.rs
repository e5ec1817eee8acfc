use tidings_codegen::model::{Catalog, Event, Scope};

use super::{ContentMode, message, reference, tags};
use crate::yaml::{Mapping, Node};

/// The channel of an event.
pub(super) fn channel(catalog: &Catalog, event: &Event, mode: ContentMode) -> Mapping {
    let domain = catalog.domains.get(&event.domain);
    let mut channel = Mapping::default();
    channel.insert("address", event.subject.template());
    channel.insert("title", event.rust_name.as_str());
    channel.insert_some("summary", event.summary.as_deref());
    channel.insert_some("description", event.description.as_deref());
    let messages = event.versions.keys().map(|version| {
        let key = message::key(event, *version);
        (message::local_key(*version), reference(&format!("#/components/messages/{key}")))
    });
    channel.insert("messages", messages.collect::<Mapping>());
    let parameters: Mapping = event
        .subject
        .properties()
        .map(|property| (property, parameter(catalog, event, property, mode)))
        .collect();
    if !parameters.is_empty() {
        channel.insert("parameters", parameters);
    }
    channel.insert("tags", tags(&event.domain, domain.and_then(|domain| domain.owner.as_deref())));
    let mut facts = Mapping::from_iter([("type", event.id.as_str())]);
    facts.insert("name", event.rust_name.as_str());
    facts.insert_some("key", event.key.as_deref());
    if let Some(partitions) = event.partitions {
        facts.insert("partitions", u32::from(partitions));
    }
    if !event.encrypt.is_empty() {
        let kinds: Vec<&str> = event.encrypt.iter().map(|kind| kind.as_str()).collect();
        facts.insert("encrypt", Node::from(serde_json::json!(kinds)));
    }
    facts.insert_some("stream", domain.map(|domain| domain.stream.as_str()));
    channel.insert("x-tidings-event", facts);
    channel
}

/// A part of the address that the payload fills.
fn parameter(catalog: &Catalog, event: &Event, property: &str, mode: ContentMode) -> Mapping {
    let mut parameter = Mapping::default();
    let mut newest_first = event.versions.values().rev().filter_map(|version| {
        let properties = Scope::version(catalog, version).properties(&version.payload);
        properties.iter().find(|one| one.name == property)
    });
    let description = newest_first.find_map(|one| one.schema.description.as_deref());
    parameter.insert_some("description", description);
    let data = match mode {
        ContentMode::Structured => "/data",
        ContentMode::Binary => "",
    };
    let name = property.replace('~', "~0").replace('/', "~1");
    parameter.insert("location", format!("$message.payload#{data}/{name}"));
    parameter
}

/// The key of an event's channel.
pub(super) fn channel_ref(event: &str) -> Node {
    reference(&format!("#/channels/{event}"))
}

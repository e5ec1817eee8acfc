//! `export asyncapi`: the catalog as an AsyncAPI 3.1 document.
//!
//! | catalog | AsyncAPI |
//! |---|---|
//! | event | channel: its subject is the address |
//! | version | message of that channel |
//! | payload, shared type | schema under `components`, as draft 7 |
//! | `publishes` | operation `send` |
//! | subscription | an operation `receive` for each event |
//! | domain, owner | tags |
//! | stream, durable, retries, dead letters | `x-tidings…` |

mod channel;
mod envelope;
mod message;
mod operation;
mod schemas;
mod topology;

use std::collections::BTreeSet;

use serde_json::json;
use tidings_codegen::model::{Catalog, Event, Service};

use self::schemas::Schemas;
use super::Notation;
use crate::yaml::{Layout, Mapping, Node, write};

/// AsyncAPI's version.
const VERSION: &str = "3.1.0";

/// What the document is about.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// How events go over the wire.
    pub(crate) mode: ContentMode,
    /// Only what this service sends and receives.
    pub(crate) service: Option<String>,
    /// The document's own version.
    pub(crate) api_version: String,
}

/// Where the attributes of a CloudEvent stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ContentMode {
    /// Attributes and payload are one JSON document: how services publish unless told otherwise.
    #[default]
    Structured,
    /// Attributes are headers, the body is the payload.
    Binary,
}

/// The document as text.
pub(crate) fn text(catalog: &Catalog, options: &Options, notation: Notation) -> String {
    let document = document(catalog, options);
    match notation {
        Notation::Yaml => write(&document, Layout::Block),
        Notation::Json => super::json(&document),
    }
}

fn document(catalog: &Catalog, options: &Options) -> Node {
    let services: Vec<&Service> = catalog
        .services
        .values()
        .filter(|service| options.service.as_ref().is_none_or(|wanted| *wanted == service.name))
        .collect();
    let events = events(catalog, &services, options);
    let mut schemas = Schemas::new(catalog);
    let mut messages = Mapping::default();
    for event in &events {
        for version in event.versions.values() {
            let message = message::message(catalog, event, version, options.mode, &mut schemas);
            messages.insert(message::key(event, version.id), message);
        }
    }
    let mut document = Mapping::default();
    document.insert("asyncapi", VERSION);
    document.insert("id", format!("urn:{}", catalog.name));
    document.insert("info", info(catalog, &services, &events, options));
    document.insert("defaultContentType", envelope::content_type(options.mode));
    let channels =
        events.iter().map(|event| (&event.id, channel::channel(catalog, event, options.mode)));
    document.insert("channels", channels.collect::<Mapping>());
    let operations = services.iter().flat_map(|service| operation::operations(catalog, service));
    document.insert("operations", operations.collect::<Mapping>());
    let mut components = Mapping::default();
    components.insert("messages", messages);
    components.insert("schemas", schemas.into_components(options.mode));
    document.insert("components", components);
    document.insert("x-tidings", topology::topology(catalog, &services));
    document.into()
}

/// The events of the document: all, or those of the one service.
fn events<'c>(catalog: &'c Catalog, services: &[&Service], options: &Options) -> Vec<&'c Event> {
    let mut touched = BTreeSet::new();
    for service in services {
        touched.extend(service.publishes.iter().map(|one| &one.event));
        let subscriptions = service.subscriptions.values();
        touched.extend(subscriptions.flat_map(|one| one.events.iter().map(|event| &event.event)));
    }
    let wanted = |event: &&Event| options.service.is_none() || touched.contains(&event.id);
    catalog.events.values().filter(wanted).collect()
}

fn info(catalog: &Catalog, services: &[&Service], events: &[&Event], options: &Options) -> Mapping {
    let only = options.service.as_ref().and_then(|_| services.first());
    let mut info = Mapping::default();
    let title = catalog.title.as_ref().unwrap_or(&catalog.name);
    let title = only.map_or_else(|| title.clone(), |service| format!("{title}: {}", service.name));
    info.insert("title", title);
    info.insert("version", options.api_version.as_str());
    let description = match only {
        Some(service) => service.description.as_ref().or(service.summary.as_ref()),
        None => catalog.description.as_ref(),
    };
    info.insert_some("description", description.map(String::as_str));
    let domains: BTreeSet<&String> = events.iter().map(|event| &event.domain).collect();
    let tags = domains.into_iter().filter_map(|name| catalog.domains.get(name)).map(|domain| {
        let mut tag = Mapping::from_iter([("name", domain.name.as_str())]);
        tag.insert_some("description", domain.summary.as_deref());
        Node::from(tag)
    });
    info.insert("tags", tags.collect::<Vec<_>>());
    info
}

/// `{ $ref: … }`.
fn reference(target: &str) -> Node {
    Node::from(json!({ "$ref": target }))
}

/// The tags of something that a team owns.
fn tags(name: &str, owner: Option<&str>) -> Node {
    let owner = owner.map(|owner| format!("owner:{owner}"));
    let names = std::iter::once(name.to_owned()).chain(owner);
    Node::from(names.map(|name| Node::from(json!({ "name": name }))).collect::<Vec<_>>())
}

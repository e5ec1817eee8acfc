//! `export eventcatalog`: the catalog in the folders of [EventCatalog](https://www.eventcatalog.dev).
//!
//! ```text
//! domains/<domain>/index.mdx
//! domains/<domain>/events/<Name>/index.mdx, schema.json                the newest version
//! domains/<domain>/events/<Name>/versioned/<version>/…                 the older ones
//! channels/<event type>/index.mdx                                      a subject
//! services/<service>/index.mdx
//! teams/<owner>.mdx
//! ```

mod mdx;
mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::json;
use tidings_codegen::model::{Catalog, Domain, Event, Service, Version, VersionId};

use self::page::Page;
use super::{File, json as as_json, json_schema};
use crate::schema::draft::Draft;
use crate::yaml::{Mapping, Node};

/// The version of what has none in the catalog: services, domains, channels.
const UNVERSIONED: &str = "1.0.0";

/// Every file.
pub(crate) fn files(catalog: &Catalog) -> Vec<File> {
    let domains = catalog.domains.values();
    let mut files: Vec<File> = domains.map(|domain| self::domain(catalog, domain)).collect();
    for event in catalog.events.values() {
        files.push(channel(catalog, event));
        for version in event.versions.values() {
            files.extend(self::version(catalog, event, version));
        }
    }
    files.extend(catalog.services.values().map(|service| self::service(catalog, service)));
    files.extend(teams(catalog));
    files
}

fn domain(catalog: &Catalog, domain: &Domain) -> File {
    let stream = catalog.streams.get(&domain.stream);
    let mut page = Page::new(&domain.name, &domain.name, UNVERSIONED);
    page.summary(domain.summary.as_deref());
    page.owner(domain.owner.as_deref());
    let publishes = |service: &&Service| {
        let mut published = service.publishes.iter();
        published
            .any(|one| catalog.events.get(&one.event).is_some_and(|it| it.domain == domain.name))
    };
    let services = catalog
        .services
        .values()
        .filter(publishes)
        .map(|service| pointer(&service.name, UNVERSIONED));
    page.list("services", services.collect());
    page.text(domain.description.as_deref());
    page.graph();
    if let Some(stream) = stream {
        let subjects = stream.subjects.join("`, `");
        page.text(Some(&format!(
            "Its events are kept in the JetStream stream `{}`: `{subjects}`.",
            stream.name
        )));
    }
    page.file(PathBuf::from("domains").join(&domain.name).join("index.mdx"))
}

/// A version's page and its schema.
fn version(catalog: &Catalog, event: &Event, version: &Version) -> [File; 2] {
    let mut folder =
        PathBuf::from("domains").join(&event.domain).join("events").join(&event.rust_name);
    if version.id != event.newest().id {
        folder = folder.join("versioned").join(semantic(version.id));
    }
    let domain = catalog.domains.get(&event.domain);
    let mut page = Page::new(&event.id, &event.rust_name, &semantic(version.id));
    page.summary(event.summary.as_deref());
    page.owner(domain.and_then(|domain| domain.owner.as_deref()));
    page.front.insert("schemaPath", "schema.json");
    page.list("channels", vec![pointer(&event.id, UNVERSIONED)]);
    if let Some(deprecated) = &version.deprecated {
        let instead = deprecated.instead.map(|instead| format!("use {}", semantic(instead)));
        let message: Vec<String> = deprecated.because.clone().into_iter().chain(instead).collect();
        let mut facts = Mapping::default();
        facts.insert_some("message", (!message.is_empty()).then(|| message.join("; ")));
        facts.insert_some("date", deprecated.since.as_deref());
        page.front.insert("deprecated", facts);
    }
    page.text(event.description.as_deref());
    if let Some(summary) = &version.summary {
        page.heading("What is new");
        page.text(Some(summary));
    }
    page.graph();
    page.heading("Schema");
    page.component("<SchemaViewer file=\"schema.json\" />");
    for example in &version.examples {
        page.heading("Example");
        page.code(&as_json(&Node::from(example.value.clone())));
    }
    let schema = json_schema::schema(catalog, event, version, Draft::Draft7);
    [
        page.file(folder.join("index.mdx")),
        File { path: folder.join("schema.json"), text: as_json(&schema) },
    ]
}

fn channel(catalog: &Catalog, event: &Event) -> File {
    let domain = catalog.domains.get(&event.domain);
    let mut page = Page::new(&event.id, &event.subject.template(), UNVERSIONED);
    page.summary(Some(&format!("Where {} is published.", event.rust_name)));
    page.owner(domain.and_then(|domain| domain.owner.as_deref()));
    page.front.insert("address", event.subject.template());
    page.front.insert("protocols", json!(["nats"]));
    page.front.insert("deliveryGuarantee", "at-least-once");
    let parameters: Mapping = event
        .subject
        .properties()
        .map(|name| {
            let description = format!("The property `{name}` of the payload.");
            (name, Mapping::from_iter([("description", description)]))
        })
        .collect();
    if !parameters.is_empty() {
        page.front.insert("parameters", parameters);
    }
    page.text(
        domain
            .map(|domain| format!("Kept in the JetStream stream `{}`.", domain.stream))
            .as_deref(),
    );
    page.graph();
    page.file(PathBuf::from("channels").join(&event.id).join("index.mdx"))
}

fn service(catalog: &Catalog, service: &Service) -> File {
    let mut page = Page::new(&service.name, &service.name, UNVERSIONED);
    page.summary(service.summary.as_deref());
    page.owner(service.owner.as_deref());
    let message = |event: &str, major: u16, channel: &str| {
        let event = catalog.events.get(event)?;
        let version = event.majors().get(&major).map(|version| semantic(version.id))?;
        let mut facts = Mapping::from_iter([("id", event.id.as_str())]);
        facts.insert("version", version);
        facts.insert(channel, vec![pointer(&event.id, UNVERSIONED)]);
        Some(Node::from(facts))
    };
    let sends = service.publishes.iter().filter_map(|one| message(&one.event, one.major, "to"));
    page.list("sends", sends.collect());
    let received = service.subscriptions.values().flat_map(|subscription| &subscription.events);
    // Two subscriptions may take the same event.
    let received: BTreeSet<(&str, u16)> =
        received.map(|one| (one.event.as_str(), one.major)).collect();
    let receives = received.into_iter().filter_map(|(event, major)| message(event, major, "from"));
    page.list("receives", receives.collect());
    page.text(service.description.as_deref());
    page.graph();
    for subscription in service.subscriptions.values() {
        page.heading(&format!("Subscription {}", subscription.name));
        page.text(subscription.summary.as_deref());
        let events: Vec<String> =
            subscription.events.iter().map(|one| format!("`{}`", one.event)).collect();
        page.text(Some(&format!(
            "Durable consumer `{}` of the stream `{}`: {}.",
            subscription.durable,
            subscription.stream,
            events.join(", ")
        )));
    }
    page.file(PathBuf::from("services").join(&service.name).join("index.mdx"))
}

fn teams(catalog: &Catalog) -> Vec<File> {
    let domains = catalog.domains.values().filter_map(|domain| domain.owner.as_deref());
    let services = catalog.services.values().filter_map(|service| service.owner.as_deref());
    let owners: BTreeMap<String, &str> =
        domains.chain(services).map(|owner| (page::id(owner), owner)).collect();
    owners
        .into_iter()
        .map(|(id, owner)| {
            let front = Mapping::from_iter([("id", id.as_str()), ("name", owner)]);
            Page::with(front).file(PathBuf::from("teams").join(format!("{id}.mdx")))
        })
        .collect()
}

fn pointer(id: &str, version: &str) -> Node {
    Node::from(json!({ "id": id, "version": version }))
}

/// EventCatalog's versions have three numbers.
fn semantic(version: VersionId) -> String {
    format!("{version}.0")
}

//! Services, subscriptions and streams.

use std::fmt::Write as _;

use super::text::{Table, anchor, code, heading, link, list, paragraph};
use crate::facts;
use crate::model::{
    Catalog, Ownership, Service, Start, Storage, Stream, StreamLimits, Subscription,
};

pub(super) fn services(out: &mut String, catalog: &Catalog) {
    if catalog.services.is_empty() {
        return;
    }
    heading(out, 2, "services", "Services");
    for service in catalog.services.values() {
        heading(out, 3, &anchor("service", &service.name), &code(&service.name));
        paragraph(out, service.summary.as_deref());
        paragraph(out, service.description.as_deref());
        self::service(out, catalog, service);
    }
}

fn service(out: &mut String, catalog: &Catalog, service: &Service) {
    if let Some(owner) = &service.owner {
        let _ = writeln!(out, "- Owned by {}.", code(owner));
    }
    if !service.publishes.is_empty() {
        let sent = service.publishes.iter().map(|sent| version(catalog, &sent.event, sent.major));
        let unchecked =
            if service.validate { "" } else { " Their payloads are not checked before." };
        let _ = writeln!(out, "- Publishes {}.{unchecked}", list(sent));
    }
    for subscription in service.subscriptions.values() {
        let name = link("subscription", &subscription.durable);
        let received = subscription.events.iter();
        let received = received.map(|received| version(catalog, &received.event, received.major));
        let summary = subscription.summary.as_deref().map(str::trim).unwrap_or_default();
        let _ = writeln!(out, "- {name} receives {}. {summary}", list(received));
    }
    out.push('\n');
}

/// An event, with its version where that is not the newest.
fn version(catalog: &Catalog, event: &str, major: u16) -> String {
    let newest = catalog.events.get(event).map(|event| event.newest().id.major);
    let link = link("event", event);
    if newest == Some(major) { link } else { format!("{link} (version {major})") }
}

pub(super) fn has_subscriptions(catalog: &Catalog) -> bool {
    catalog.services.values().any(|service| !service.subscriptions.is_empty())
}

pub(super) fn subscriptions(out: &mut String, catalog: &Catalog) {
    if !has_subscriptions(catalog) {
        return;
    }
    heading(out, 2, "subscriptions", "Subscriptions");
    out.push_str("Each is one durable consumer. An event that fails for the last time goes to ");
    let _ = write!(out, "{}.\n\n", link("stream", &catalog.dead_letters.stream));
    let mut table = Table::new(&[
        "Durable",
        "Stream",
        "Filters",
        "At once",
        "Order",
        "Timeout",
        "Ack wait",
        "Begins",
        "Deliveries",
        "Pauses",
        "Invalid payloads",
        "Repeated events",
    ]);
    for service in catalog.services.values() {
        for subscription in service.subscriptions.values() {
            table.row(row(catalog, subscription));
        }
    }
    table.write(out);
}

fn row(catalog: &Catalog, subscription: &Subscription) -> [String; 12] {
    let durable = &subscription.durable;
    let further = match subscription.partitions.last() {
        Some(last) if last.durable != *durable => format!(" to {}", code(&last.durable)),
        _ => String::new(),
    };
    [
        format!("<a id=\"{}\"></a>{}{further}", anchor("subscription", durable), code(durable)),
        link("stream", &subscription.stream),
        list(subscription.filters.iter().map(|filter| code(filter))),
        subscription.concurrency.to_string(),
        facts::order(subscription).to_owned(),
        facts::duration(subscription.handler_timeout),
        facts::duration(subscription.ack_wait),
        match subscription.start {
            Start::All => "with all events".to_owned(),
            Start::New => "with new events".to_owned(),
        },
        facts::retry(&subscription.retry),
        facts::breaker(subscription.breaker),
        if subscription.validate { "dead letters" } else { "handled" }.to_owned(),
        facts::repeated(catalog, subscription),
    ]
}

pub(super) fn streams(out: &mut String, catalog: &Catalog) {
    if catalog.streams.is_empty() {
        return;
    }
    heading(out, 2, "streams", "Streams");
    out.push_str(
        "From nats-server 2.12 on, each stream takes one more subject, `_scheduled.<stream>.*`: there lie events that are to be \
         stored at a later time. No subscription reads it. Where environments share an account, each has a prefix that stands \
         before the names of streams, subjects and buckets on the server.\n\n",
    );
    let mut table = Table::new(&[
        "Stream",
        "Environment",
        "Subjects",
        "Partitions",
        "Storage",
        "Kept for",
        "Up to",
        "Replicas",
        "Duplicates found within",
    ]);
    for stream in catalog.streams.values() {
        let name = format!(
            "<a id=\"{}\"></a>{}{}",
            anchor("stream", &stream.name),
            code(&stream.name),
            whose(stream)
        );
        let subjects = list(stream.subjects.iter().map(|subject| code(subject)));
        let partitions = stream.partitions.map_or_else(String::new, |count| count.to_string());
        table.row(limits([name, String::new(), subjects, partitions], &stream.limits));
        for (environment, changed) in &stream.environments {
            let first = [String::new(), code(environment), String::new(), String::new()];
            table.row(limits(first, changed));
        }
    }
    table.write(out);
}

/// Whose it is, where it is not the catalog's.
fn whose(stream: &Stream) -> &'static str {
    match stream.ownership {
        Ownership::Managed => "",
        Ownership::External => " (external)",
    }
}

/// A row: which stream it is about, and its limits.
fn limits(first: [String; 4], limits: &StreamLimits) -> [String; 9] {
    let [name, environment, subjects, partitions] = first;
    [
        name,
        environment,
        subjects,
        partitions,
        match limits.storage {
            Storage::File => "file".to_owned(),
            Storage::Memory => "memory".to_owned(),
        },
        limits.max_age.map_or_else(|| "ever".to_owned(), facts::duration),
        limits.max_bytes.map_or_else(|| "any size".to_owned(), facts::size),
        limits.replicas.to_string(),
        facts::duration(limits.duplicate_window),
    ]
}

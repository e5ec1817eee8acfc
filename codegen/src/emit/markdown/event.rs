//! One event's section.

use std::fmt::Write as _;

use super::super::reading::{flows, people, snippets, wire};
use super::details::{details, fenced};
use super::text::{Table, anchor, code, heading, link, list, paragraph};
use super::{details as opened, fields, versions};
use crate::facts;
use crate::model::{Catalog, Event, Scope, Version};

pub(super) fn section(out: &mut String, catalog: &Catalog, event: &Event) {
    heading(out, 3, &anchor("event", &event.id), &code(&event.id));
    paragraph(out, event.summary.as_deref());
    paragraph(out, event.description.as_deref());
    facts_table(out, catalog, event);
    consumers(out, catalog, event);
    versions::of_event(out, catalog, event);
    let newest = event.newest();
    version(out, catalog, event, newest);
    usage(out, catalog, event);
    let majors = event.majors();
    for older in majors.values().rev().filter(|version| version.id != newest.id) {
        let state = if older.deprecated.is_some() { ", deprecated" } else { "" };
        details(out, &format!("Version {}{state}", older.id), |out| {
            version(out, catalog, event, older);
        });
    }
}

fn facts_table(out: &mut String, catalog: &Catalog, event: &Event) {
    let mut table = Table::new(&["", ""]);
    for (name, value) in facts(catalog, event) {
        table.row([format!("**{name}**"), value]);
    }
    table.write(out);
}

/// What is to be known of an event, in the order in which readers ask for it.
pub(in crate::emit) fn facts(
    catalog: &Catalog,
    event: &Event,
) -> impl Iterator<Item = (&'static str, String)> {
    let domain = catalog.domains.get(&event.domain);
    let publishers = list(people::publishers(catalog, event).map(|name| link("service", name)));
    let rows = [
        ("Subject", subject(event)),
        ("Subscribe to", subject_filter(event)),
        ("Parameters", list(event.subject.properties().map(code))),
        ("Aggregate", aggregate(catalog, event)),
        ("Key", event.key.as_deref().map(code).unwrap_or_default()),
        ("Stream", domain.map(|domain| link("stream", &domain.stream)).unwrap_or_default()),
        ("Large payloads", large_payloads(catalog, event)),
        ("Owner", domain.and_then(|domain| domain.owner.as_deref()).map(code).unwrap_or_default()),
        ("Encrypted", encrypted(catalog, event)),
        ("Published by", if publishers.is_empty() { "nobody yet".to_owned() } else { publishers }),
        ("Flows", flows::of_event(catalog, &event.id)),
        ("Rust type", code(&format!("{}::{}", event.domain, event.rust_name))),
    ];
    rows.into_iter().filter(|(_, value)| !value.is_empty())
}

fn aggregate(catalog: &Catalog, event: &Event) -> String {
    catalog.aggregate_of(event).map_or_else(String::new, |aggregate| {
        format!("{}, whose events lie on {}", code(&aggregate.name), code(&aggregate.template()))
    })
}

/// The places of the newest version whose values are encrypted.
fn encrypted(catalog: &Catalog, event: &Event) -> String {
    let version = event.newest();
    let (found, _) = Scope::version(catalog, version).encrypted(&version.payload, &event.encrypt);
    list(found.iter().map(|one| code(&one.pointer)))
}

fn subject(event: &Event) -> String {
    let template = event.subject.template();
    match (event.partitions, &event.key) {
        (Some(count), Some(key)) => format!(
            "{} and behind it, as one more token, the partition: the 32-bit FNV-1a hash of {} modulo {count}",
            code(&template),
            code(key)
        ),
        _ => code(&template),
    }
}

fn subject_filter(event: &Event) -> String {
    let has_parameters = event.subject.properties().next().is_some();
    if has_parameters || event.partitions.is_some() {
        list(event.filters().map(|filter| code(&filter)))
    } else {
        String::new()
    }
}

fn large_payloads(catalog: &Catalog, event: &Event) -> String {
    let domain = catalog.domains.get(&event.domain);
    let stream = domain.and_then(|domain| catalog.streams.get(&domain.stream));
    let words = stream.and_then(|stream| facts::payloads(stream.payloads));
    words.map_or_else(String::new, |words| format!("{words}: [how to read them](#payloads)"))
}

fn consumers(out: &mut String, catalog: &Catalog, event: &Event) {
    let mut table =
        Table::new(&["Consumed by", "Subscription", "Version", "Order", "Deliveries", "Then"]);
    for (service, subscription, received) in people::received(catalog, event) {
        table.row([
            link("service", &service.name),
            link("subscription", &subscription.durable),
            received.major.to_string(),
            facts::order(subscription).to_owned(),
            facts::retry(&subscription.retry),
            format!("[dead letter](#{})", anchor("subscription", &subscription.durable)),
        ]);
    }
    if table.is_empty() {
        out.push_str("Nobody consumes it yet.\n\n");
    }
    table.write(out);
}

fn version(out: &mut String, catalog: &Catalog, event: &Event, version: &Version) {
    let _ = write!(out, "Payload of version {}:\n\n", version.id);
    paragraph(out, version.payload.title.as_deref());
    paragraph(out, version.payload.description.as_deref());
    fields::payload(out, catalog, event, version);
    versions::links(out, event, version);
    let Some(message) = wire::example(catalog, event, version) else { return };
    out.push_str("An example:\n\n");
    fenced(out, "json", &message.payload);
    details(out, &format!("Version {} on the wire", version.id), |out| {
        let _ = write!(out, "On {}, with the [headers](#wire):\n\n", code(&message.subject));
        let headers: Vec<String> =
            message.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        fenced(out, "text", &headers.join("\n"));
        fenced(out, "json", &message.body);
    });
}

/// Code that publishes and receives it.
fn usage(out: &mut String, catalog: &Catalog, event: &Event) {
    let rust = snippets::rust(catalog, event);
    if !rust.is_empty() {
        details(out, "Publish and handle it in Rust", |out| opened::snippets(out, &rust));
    }
    if let Some(message) = wire::example(catalog, event, event.newest()) {
        let file = format!("{}.json", event.method_name);
        let foreign = snippets::foreign(catalog, event, &message, &file);
        details(out, "Publish and receive it with <code>nats</code>, Go or Python", |out| {
            let _ = write!(out, "{}\n\n", snippets::needs(&message, &file));
            opened::snippets(out, &foreign);
        });
    }
}

//! One event's section.

use std::fmt::Write as _;

use super::text::{Table, anchor, code, heading, link, list, paragraph};
use super::{changes, conversion, fields, overview, wire};
use crate::facts;
use crate::model::{Catalog, Event, Scope, Subscribed, Subscription, Version};

pub(super) fn section(out: &mut String, catalog: &Catalog, event: &Event) {
    heading(out, 3, &anchor("event", &event.id), &code(&event.id));
    paragraph(out, event.summary.as_deref());
    paragraph(out, event.description.as_deref());
    facts_table(out, catalog, event);
    consumers(out, catalog, event);
    versions(out, event);
    changes::list(out, catalog, event);
    let newest = event.newest();
    let majors = event.majors();
    for version in majors.values().rev() {
        let is_newest = version.id == newest.id;
        self::version(out, catalog, event, version, is_newest);
    }
}

fn facts_table(out: &mut String, catalog: &Catalog, event: &Event) {
    let mut table = Table::new(&["", ""]);
    let domain = catalog.domains.get(&event.domain);
    let publishers = list(overview::publishers(catalog, event).map(|name| link("service", name)));
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
        ("Rust type", code(&format!("{}::{}", event.domain, event.rust_name))),
    ];
    for (name, value) in rows {
        if !value.is_empty() {
            table.row([format!("**{name}**"), value]);
        }
    }
    table.write(out);
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
    words.map_or_else(String::new, |words| format!("{words}: see [below](#payloads)"))
}

fn consumers(out: &mut String, catalog: &Catalog, event: &Event) {
    let mut table = Table::new(&["Consumed by", "Subscription", "Version", "Order", "Deliveries"]);
    for (service, subscription, received) in received(catalog, event) {
        table.row([
            link("service", service),
            link("subscription", &subscription.durable),
            received.major.to_string(),
            facts::order(subscription).to_owned(),
            facts::retry(&subscription.retry),
        ]);
    }
    if table.is_empty() {
        out.push_str("Nobody consumes it yet.\n\n");
    }
    table.write(out);
}

fn received<'a>(
    catalog: &'a Catalog,
    event: &'a Event,
) -> impl Iterator<Item = (&'a str, &'a Subscription, &'a Subscribed)> {
    let subscriptions = catalog.services.values().flat_map(|service| {
        service.subscriptions.values().map(move |subscription| (service, subscription))
    });
    subscriptions.flat_map(move |(service, subscription)| {
        let events = subscription.events.iter().filter(|received| received.event == event.id);
        events.map(move |received| (service.name.as_str(), subscription, received))
    })
}

/// The list of versions, where it says more than that there is one.
fn versions(out: &mut String, event: &Event) {
    let is_worth_it = event.versions.len() > 1
        || event
            .versions
            .values()
            .any(|version| version.deprecated.is_some() || version.summary.is_some());
    if !is_worth_it {
        return;
    }
    let mut table = Table::new(&["Version", "State", "What is new"]);
    for version in event.versions.values().rev() {
        table.row([
            version.id.to_string(),
            state(version),
            version.summary.clone().unwrap_or_default(),
        ]);
    }
    table.write(out);
}

fn state(version: &Version) -> String {
    let Some(deprecation) = &version.deprecated else { return "current".to_owned() };
    let mut words = "**deprecated**".to_owned();
    if let Some(since) = &deprecation.since {
        let _ = write!(words, " since {since}");
    }
    if let Some(instead) = deprecation.instead {
        let _ = write!(words, ", use {instead}");
    }
    if let Some(because) = &deprecation.because {
        let _ = write!(words, ": {because}");
    }
    words
}

fn version(out: &mut String, catalog: &Catalog, event: &Event, version: &Version, is_newest: bool) {
    if !is_newest {
        let state = if version.deprecated.is_some() { ", deprecated" } else { "" };
        let _ = write!(out, "<details>\n<summary>Version {}{state}</summary>\n\n", version.id);
    }
    let _ = write!(out, "Payload of version {}:\n\n", version.id);
    paragraph(out, version.payload.title.as_deref());
    paragraph(out, version.payload.description.as_deref());
    fields::payload(out, catalog, event, version);
    conversion::links(out, event, version);
    if let Some(example) = version.examples.first() {
        let source = overview::publishers(catalog, event).next().unwrap_or("service");
        let message = wire::message(catalog, event, version, source, example);
        let _ = write!(out, "On the wire:\n\n```json\n{message}\n```\n\n");
    }
    if !is_newest {
        out.push_str("</details>\n\n");
    }
}

//! Pages that list what is of one kind: services, streams, types, versions, personal data; and the wire format.

use super::File;
use super::html::escape;
use super::page::{Page, Site};
use crate::emit::markdown::{self, streams};
use crate::emit::reading::{core, people, personal};
use crate::facts;

/// Those that have something to list.
pub(super) fn pages(site: &Site<'_>) -> Vec<File> {
    let catalog = site.catalog;
    let mut pages = vec![versions(site), personal(site), wire(site)];
    if !catalog.services.is_empty() {
        pages.push(services(site));
    }
    if !catalog.streams.is_empty() {
        pages.push(streams(site));
    }
    if !catalog.types.is_empty() {
        pages.push(types(site));
    }
    pages
}

fn begun<'s, 'a>(site: &'s Site<'a>, path: &str, title: &str, lead: &str) -> Page<'s, 'a> {
    let mut page = site.page(path, title);
    page.heading("Event catalog", title, "");
    page.lead(Some(lead));
    page
}

fn services(site: &Site<'_>) -> File {
    let lead = "What each sends and receives, and what happens when one of its handlers fails.";
    let mut page = begun(site, "services.html", "Services", lead);
    let services = site.catalog.services.values();
    let rows: Vec<Vec<String>> = services
        .map(|service| {
            vec![
                page.link("service", &service.name),
                service.summary.as_deref().map(|text| page.inline(text)).unwrap_or_default(),
                service
                    .owner
                    .as_deref()
                    .map(|owner| escape(owner).into_owned())
                    .unwrap_or_default(),
                service.publishes.len().to_string(),
                service.subscriptions.len().to_string(),
            ]
        })
        .collect();
    let head = ["Service", "What it does", "Owner", "Sends", "Subscriptions"];
    page.table("Services", &head, &rows);
    let subscriptions = site
        .catalog
        .services
        .values()
        .flat_map(|service| service.subscriptions.values().map(move |one| (service, one)));
    let rows: Vec<Vec<String>> = subscriptions
        .map(|(service, one)| {
            vec![
                page.link("subscription", &one.durable),
                page.link("service", &service.name),
                facts::order(one).to_owned(),
                one.concurrency.to_string(),
                facts::retry(&one.retry),
                facts::duration(one.handler_timeout),
            ]
        })
        .collect();
    page.section("subscriptions", "Subscriptions");
    let letters = page.link("stream", &site.catalog.dead_letters.stream);
    page.push(&format!(
        "<p>An event that fails for the last time becomes a dead letter in {letters}, byte for byte and with the reason.</p>"
    ));
    let head = ["Subscription", "Service", "Order", "At once", "Deliveries", "Time for each"];
    page.table("Subscriptions", &head, &rows);
    without_stream(&mut page);
    page.finish()
}

fn without_stream(page: &mut Page<'_, '_>) {
    let subjects = core::subjects(page.catalog()).into_iter();
    let rows: Vec<Vec<String>> = subjects
        .map(|subject| {
            let around = core::around(page.catalog(), subject).into_iter();
            let around = around.map(|services| {
                services
                    .into_iter()
                    .map(|name| page.link("service", name))
                    .collect::<Vec<_>>()
                    .join(", ")
            });
            std::iter::once(super::html::name(subject)).chain(around).collect()
        })
        .collect();
    if !rows.is_empty() {
        page.section("core", "Subjects without a stream");
        let head = ["Subject", "Sent by", "Heard by", "Answered by"];
        page.table("Subjects without a stream", &head, &rows);
    }
}

fn streams(site: &Site<'_>) -> File {
    let mut page = begun(site, "streams.html", "Streams", "What is kept, where, and for how long.");
    let rows: Vec<Vec<String>> = site
        .catalog
        .streams
        .values()
        .map(|stream| {
            let subjects: Vec<String> =
                stream.subjects.iter().map(|one| super::html::name(one)).collect();
            let [storage, age, size, replicas, _] = streams::limits(&stream.limits);
            let name = page.link("stream", &stream.name);
            vec![name, subjects.join(", "), storage, age, size, replicas]
        })
        .collect();
    let head = ["Stream", "Subjects", "Storage", "Kept for", "Up to", "Replicas"];
    page.table("Streams, where no environment says otherwise", &head, &rows);
    page.finish()
}

fn types(site: &Site<'_>) -> File {
    let lead = "Schemas that several events share: a change of one is a change of all of them.";
    let mut page = begun(site, "types.html", "Shared types", lead);
    let rows: Vec<Vec<String>> = site
        .catalog
        .types
        .iter()
        .map(|(name, shared)| {
            let title = shared.schema.title.as_deref().map(|text| page.inline(text));
            vec![page.link("type", name), title.unwrap_or_default()]
        })
        .collect();
    page.table("Shared types", &["Type", "What it is"], &rows);
    page.finish()
}

fn versions(site: &Site<'_>) -> File {
    let catalog = site.catalog;
    let lead =
        "Events that have more than one version, and versions that nobody should use any more.";
    let mut page = begun(site, "changes.html", "Versions", lead);
    let mut rows = Vec::new();
    for event in catalog.events.values() {
        let is_worth_it = event.versions.len() > 1
            || event.versions.values().any(|version| version.deprecated.is_some());
        for version in event.versions.values().rev().filter(|_| is_worth_it) {
            let major = version.id.major;
            let state = match &version.deprecated {
                None => String::new(),
                Some(deprecation) => {
                    let since = deprecation.since.as_ref();
                    let since = since.map(|day| format!(" since {day}")).unwrap_or_default();
                    let because = deprecation.because.as_deref().map(|why| page.inline(why));
                    let because = because.map(|why| format!("<small>{why}</small>"));
                    format!(
                        "<span class=\"badge warn\">deprecated{since}</span>{}",
                        because.unwrap_or_default()
                    )
                }
            };
            let sent = people::sent(catalog, event).filter(|(_, sent)| sent.major == major);
            let sent: Vec<String> =
                sent.map(|(service, _)| page.link("service", &service.name)).collect();
            let received =
                people::received(catalog, event).filter(|(_, _, one)| one.major == major);
            let received: Vec<String> =
                received.map(|(service, ..)| page.link("service", &service.name)).collect();
            rows.push(vec![
                page.link("event", &event.id),
                version.id.to_string(),
                state,
                version.summary.as_deref().map(|text| page.inline(text)).unwrap_or_default(),
                sent.join(", "),
                received.join(", "),
            ]);
        }
    }
    if rows.is_empty() {
        page.push("<p class=\"soft\">Every event has one version, and none is deprecated.</p>");
    }
    let head = ["Event", "Version", "State", "What is new", "Published by", "Received by"];
    page.table("Versions", &head, &rows);
    let mut broken = String::new();
    markdown::breaks(&mut broken, catalog);
    page.markdown(Some(&broken));
    page.finish()
}

fn personal(site: &Site<'_>) -> File {
    let lead = "*Direct* names the person, *indirect* leads to the person together with other data, *sensitive* is of a \
                kind that the law protects more.";
    let mut page = begun(site, "personal.html", "Personal data", lead);
    let mut rows = Vec::new();
    for event in site.catalog.events.values() {
        let receivers: Vec<String> =
            people::consumers(site.catalog, event).map(|name| page.link("service", name)).collect();
        for one in personal::places(site.catalog, event) {
            rows.push(vec![
                page.link("event", &event.id),
                page.inline(&one.place),
                one.kind.to_owned(),
                if one.is_encrypted { "encrypted" } else { "" }.to_owned(),
                receivers.join(", "),
            ]);
        }
    }
    if rows.is_empty() {
        page.push("<p class=\"soft\">No field is marked as personal.</p>");
    }
    let head = ["Event", "Field", "Kind", "On the wire", "Received by"];
    page.table("Personal fields", &head, &rows);
    page.finish()
}

fn wire(site: &Site<'_>) -> File {
    let lead = "For programs that read or write events without the SDK.";
    let mut page = begun(site, "wire.html", "On the wire", lead);
    let mut text = String::new();
    markdown::wire(&mut text, site.catalog);
    page.markdown(Some(&text));
    page.finish()
}

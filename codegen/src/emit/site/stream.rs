//! The page of a stream.

use super::html::escape;
use super::page::Site;
use super::{File, domain, places};
use crate::emit::markdown::streams;
use crate::facts;
use crate::model::{Event, Ownership, Stream, StreamLimits};

pub(super) fn page(site: &Site<'_>, stream: &Stream) -> File {
    let catalog = site.catalog;
    let mut page = site.page(places::stream(&stream.name), &stream.name);
    page.heading("Stream", &escape(&stream.name), "");
    if stream.name == catalog.dead_letters.stream {
        page.lead(Some("Keeps the events that could not be handled, with the reason."));
    }
    let subjects: Vec<String> = stream.subjects.iter().map(|one| format!("`{one}`")).collect();
    let partitions = stream.partitions.map(|count| count.to_string()).unwrap_or_default();
    let external = match stream.ownership {
        Ownership::Managed => "",
        Ownership::External => "somebody else's; the catalog neither creates nor changes it",
    };
    let bulk = match stream.bulk {
        false => "",
        true => "taken; what is loaded twice is stored twice",
    };
    page.facts([
        ("Subjects", subjects.join(", ")),
        ("Partitions", partitions),
        ("Large payloads", facts::payloads(stream.payloads).unwrap_or_default()),
        ("Bulk loads", bulk.to_owned()),
        ("Owned", external.to_owned()),
    ]);
    page.section("limits", "Limits");
    let named = stream.environments.iter().map(|(name, limits)| (name.as_str(), limits));
    let rows: Vec<Vec<String>> = std::iter::once(("everywhere else", &stream.limits))
        .chain(named)
        .map(|(environment, limits)| row(environment, limits))
        .collect();
    let head =
        ["Environment", "Storage", "Kept for", "Up to", "Replicas", "Duplicates found within"];
    page.table("Limits by environment", &head, &rows);

    let is_stored = |event: &&Event| {
        catalog.domains.get(&event.domain).is_some_and(|domain| domain.stream == stream.name)
    };
    let events: Vec<&Event> = catalog.events.values().filter(is_stored).collect();
    if !events.is_empty() {
        page.section("events", "Events");
        domain::events_table(&mut page, &events);
    }
    let readers = catalog.services.values().flat_map(|service| {
        let own = service.subscriptions.values().filter(|one| one.stream == stream.name);
        own.map(move |one| (service, one))
    });
    let rows: Vec<Vec<String>> = readers
        .map(|(service, subscription)| {
            vec![
                page.link("service", &service.name),
                page.link("subscription", &subscription.durable),
                facts::order(subscription).to_owned(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        page.section("readers", "Readers");
        page.table("Subscriptions that read it", &["Service", "Subscription", "Order"], &rows);
    }
    page.finish()
}

fn row(environment: &str, limits: &StreamLimits) -> Vec<String> {
    let [storage, age, size, replicas, window] = streams::limits(limits);
    vec![escape(environment).into_owned(), storage, age, size, replicas, window]
}

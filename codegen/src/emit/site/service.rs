//! The page of a service.

use super::html::{escape, name};
use super::page::{Page, Site};
use super::{File, places};
use crate::emit::markdown::subscriptions;
use crate::emit::markdown::text::anchor;
use crate::emit::reading::{core, flows};
use crate::model::Service;

pub(super) fn page(site: &Site<'_>, service: &Service) -> File {
    let catalog = site.catalog;
    let mut page = site.page(places::service(&service.name), &service.name);
    page.heading("Service", &escape(&service.name), "");
    page.lead(service.summary.as_deref());
    page.markdown(service.description.as_deref());
    let owner = service.owner.as_ref().map(|owner| format!("`{owner}`")).unwrap_or_default();
    let buckets: Vec<String> = service.buckets.iter().map(|name| format!("`{name}`")).collect();
    let flows = flows::of_service(catalog, &service.name);
    page.facts([("Owner", owner), ("Keeps data in", buckets.join(", ")), ("Flows", flows)]);
    let map = page.href(&format!("map.html#service={}", service.name));
    page.push(&format!("<p><a href=\"{map}\">See it on the map</a></p>"));
    if !service.publishes.is_empty() {
        page.section("sends", "Sends");
        let rows: Vec<Vec<String>> = service
            .publishes
            .iter()
            .map(|sent| {
                let event = catalog.events.get(&sent.event);
                let summary = event.and_then(|event| event.summary.as_deref());
                let summary = summary.map(|text| page.inline(text)).unwrap_or_default();
                vec![page.link("event", &sent.event), sent.major.to_string(), summary]
            })
            .collect();
        page.table("Events that it sends", &["Event", "Version", "When"], &rows);
    }
    if !service.subscriptions.is_empty() {
        page.section("receives", "Receives");
    }
    for subscription in service.subscriptions.values() {
        let id = anchor("subscription", &subscription.durable);
        page.push(&format!("<h3 id=\"{id}\">{}</h3>", name(&subscription.name)));
        page.lead(subscription.summary.as_deref());
        page.facts(subscriptions::facts(catalog, service, subscription));
    }
    without_stream(&mut page, service);
    page.finish()
}

/// What it sends, hears and answers on core NATS, and who is at the other end.
fn without_stream(page: &mut Page<'_, '_>, service: &Service) {
    let catalog = page.catalog();
    let mut rows = Vec::new();
    for (does, subjects) in core::uses(&service.core) {
        for subject in subjects.keys() {
            let [senders, listeners, answerers] = core::around(catalog, subject);
            let linked = |page: &Page<'_, '_>, names: Vec<&str>| {
                names.iter().map(|name| page.link("service", name)).collect::<Vec<_>>().join(", ")
            };
            rows.push(vec![
                name(subject),
                does.to_owned(),
                linked(page, senders),
                linked(page, listeners),
                linked(page, answerers),
            ]);
        }
    }
    if !rows.is_empty() {
        page.section("core", "Without a stream");
        page.push(
            "<p class=\"soft\">Messages and questions on core NATS: whoever does not hear one has missed it.</p>",
        );
        let head = ["Subject", "It", "Sent by", "Heard by", "Answered by"];
        page.table("Subjects without a stream", &head, &rows);
    }
}

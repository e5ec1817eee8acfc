//! The whole catalog on one screen: a table, and a map of who talks to whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::super::reading::people::{consumers, events, publishers};
use super::text::{Table, anchor, code, heading, link, list};
use crate::model::Catalog;

/// Every event with its services.
pub(super) fn table(out: &mut String, catalog: &Catalog) {
    heading(out, 2, "overview", "Events at a glance");
    let mut table = Table::new(&["Subject", "Publisher", "Consumers", "Payload"]);
    for event in catalog.events.values() {
        let subject =
            format!("[{}](#{})", code(&event.subject.template()), anchor("event", &event.id));
        let publishers = list(publishers(catalog, event).map(|name| link("service", name)));
        let consumers = list(consumers(catalog, event).map(|name| link("service", name)));
        table.row([subject, publishers, consumers, event.summary.clone().unwrap_or_default()]);
    }
    table.write(out);
}

/// Services and the events between them, as a Mermaid graph: one arrow for each pair of services and domain.
pub(super) fn map(out: &mut String, catalog: &Catalog) {
    heading(out, 2, "map", "Who talks to whom");
    let mut sent: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    let mut received: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for event in catalog.events.values() {
        let short = event.id.split_once('.').map_or(event.id.as_str(), |(_, rest)| rest);
        for service in publishers(catalog, event) {
            sent.entry((service, &event.domain)).or_default().insert(short);
        }
        for service in consumers(catalog, event) {
            received.entry((&event.domain, service)).or_default().insert(short);
        }
    }
    if sent.is_empty() && received.is_empty() {
        out.push_str("No service publishes or consumes anything yet.\n\n");
        return;
    }

    out.push_str(
        "Services send to domains and receive from them; each arrow names the events.\n\n",
    );
    out.push_str("```mermaid\nflowchart LR\n");
    let services: BTreeSet<&str> =
        sent.keys().map(|(service, _)| *service).chain(received.keys().map(|(_, s)| *s)).collect();
    let domains: BTreeSet<&str> =
        sent.keys().map(|(_, domain)| *domain).chain(received.keys().map(|(d, _)| *d)).collect();
    for service in services {
        let _ = writeln!(out, "  service_{service}[\"{service}\"]");
    }
    for domain in domains {
        let _ = writeln!(out, "  domain_{domain}([\"{domain}.*\"])");
    }
    for ((service, domain), events) in &sent {
        arrow(out, &format!("service_{service}"), &format!("domain_{domain}"), events);
    }
    for ((domain, service), events) in &received {
        arrow(out, &format!("domain_{domain}"), &format!("service_{service}"), events);
    }
    out.push_str("```\n\n");
}

fn arrow(out: &mut String, from: &str, to: &str, events: &BTreeSet<&str>) {
    let events: Vec<&str> = events.iter().copied().collect();
    let _ = writeln!(out, "  {from} -->|\"{}\"| {to}", events.join("<br>"));
}

/// The events of one domain between the services that send and receive them.
pub(super) fn domain(out: &mut String, catalog: &Catalog, name: &str) {
    let mut nodes = BTreeSet::new();
    let mut arrows = Vec::new();
    for (number, event) in events(catalog, name).enumerate() {
        let short = event.id.split_once('.').map_or(event.id.as_str(), |(_, rest)| rest);
        let node = format!("event_{number}");
        let before = arrows.len();
        for service in publishers(catalog, event) {
            nodes.insert(format!("  sends_{service}[\"{service}\"]"));
            arrows.push(format!("  sends_{service} --> {node}"));
        }
        for service in consumers(catalog, event) {
            nodes.insert(format!("  takes_{service}[\"{service}\"]"));
            arrows.push(format!("  {node} --> takes_{service}"));
        }
        if arrows.len() > before {
            nodes.insert(format!("  {node}([\"{short}\"])"));
        }
    }
    if arrows.is_empty() {
        return;
    }
    out.push_str("Who sends (left) and who receives (right):\n\n```mermaid\nflowchart LR\n");
    for line in nodes.into_iter().chain(arrows) {
        let _ = writeln!(out, "{line}");
    }
    out.push_str("```\n\n");
}

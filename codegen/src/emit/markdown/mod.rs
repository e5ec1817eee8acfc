//! The catalog as a page for people: `EVENTS.md`.

mod breaks;
mod changes;
mod conversion;
mod event;
mod fields;
mod json;
mod overview;
mod payloads;
pub(super) mod text;
mod topology;
mod wire;

use std::fmt::Write as _;

use self::text::{anchor, code, heading, link, paragraph};
use crate::model::{Catalog, Event};

/// What the page says about its origin; `xtask generate` writes it.
const HEADER: &str = "<!-- @generated from the event catalog by `tidings generate`. Do not edit: edit the YAML and run it again. -->\n\n";

/// Writes the catalog as one Markdown page.
pub fn emit(catalog: &Catalog) -> String {
    let mut out = HEADER.to_owned();
    let title = catalog.title.clone().unwrap_or_else(|| format!("Events of {}", catalog.name));
    let _ = write!(out, "# {title}\n\n");
    paragraph(&mut out, catalog.description.as_deref());
    contents(&mut out, catalog);
    overview::table(&mut out, catalog);
    overview::map(&mut out, catalog);
    for name in domains(catalog) {
        domain(&mut out, catalog, name);
    }
    shared_types(&mut out, catalog);
    topology::services(&mut out, catalog);
    topology::subscriptions(&mut out, catalog);
    topology::streams(&mut out, catalog);
    payloads::section(&mut out, catalog);
    breaks::section(&mut out, catalog);
    format!("{}\n", out.trim_end())
}

fn contents(out: &mut String, catalog: &Catalog) {
    out.push_str("- [Events at a glance](#overview)\n- [Who talks to whom](#map)\n");
    for name in domains(catalog) {
        let _ = writeln!(out, "- [Domain `{name}`](#{})", anchor("domain", name));
        for event in events(catalog, name) {
            let _ = writeln!(out, "  - {}", link("event", &event.id));
        }
    }
    let parts = [
        (!catalog.types.is_empty(), "[Shared types](#types)"),
        (!catalog.services.is_empty(), "[Services](#services)"),
        (topology::has_subscriptions(catalog), "[Subscriptions](#subscriptions)"),
        (!catalog.streams.is_empty(), "[Streams](#streams)"),
        (payloads::has_any(catalog), "[Large payloads](#payloads)"),
        (catalog.all_breaks().next().is_some(), "[Acknowledged breaks](#breaks)"),
    ];
    for (_, part) in parts.iter().filter(|(is_there, _)| *is_there) {
        let _ = writeln!(out, "- {part}");
    }
    out.push('\n');
}

/// Names of the domains, those without a file of their own among them.
fn domains(catalog: &Catalog) -> Vec<&str> {
    let declared = catalog.domains.keys().map(String::as_str);
    let used = catalog.events.values().map(|event| event.domain.as_str());
    let mut names: Vec<&str> = declared.chain(used).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn events<'a>(catalog: &'a Catalog, domain: &str) -> impl Iterator<Item = &'a Event> {
    catalog.events.values().filter(move |event| event.domain == domain)
}

fn domain(out: &mut String, catalog: &Catalog, name: &str) {
    heading(out, 2, &anchor("domain", name), &format!("Domain {}", code(name)));
    if let Some(domain) = catalog.domains.get(name) {
        paragraph(out, domain.summary.as_deref());
        paragraph(out, domain.description.as_deref());
        let owner = domain.owner.as_ref().map(|owner| format!("Owned by {}. ", code(owner)));
        let stream = link("stream", &domain.stream);
        let _ = write!(out, "{}Stored in {stream}.\n\n", owner.unwrap_or_default());
    }
    let mut is_empty = true;
    for found in events(catalog, name) {
        event::section(out, catalog, found);
        is_empty = false;
    }
    if is_empty {
        out.push_str("No events yet: the stream is reserved.\n\n");
    }
}

fn shared_types(out: &mut String, catalog: &Catalog) {
    if catalog.types.is_empty() {
        return;
    }
    heading(out, 2, "types", "Shared types");
    for (name, shared) in &catalog.types {
        heading(out, 3, &anchor("type", name), &code(name));
        fields::definition(out, catalog, &shared.schema);
    }
}

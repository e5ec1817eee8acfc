//! The catalog as a page for people: `EVENTS.md`.

mod breaks;
mod details;
pub(super) mod event;
mod fields;
mod flows;
mod overview;
mod payloads;
mod personal;
mod services;
pub(super) mod streams;
pub(super) mod subscriptions;
pub(super) mod text;
mod versions;
mod wire;

use std::fmt::Write as _;

use self::text::{anchor, code, heading, link, paragraph};
use super::reading::people::{domains, events};
use crate::model::Catalog;

#[cfg(feature = "site")]
pub(super) use self::shared::{breaks, wire};

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
    flows::section(&mut out, catalog);
    for name in domains(catalog) {
        domain(&mut out, catalog, name);
    }
    shared_types(&mut out, catalog);
    services::section(&mut out, catalog);
    subscriptions::section(&mut out, catalog);
    streams::section(&mut out, catalog);
    payloads::section(&mut out, catalog);
    wire::section(&mut out, catalog);
    personal::section(&mut out, catalog);
    versions::deprecations(&mut out, catalog);
    breaks::section(&mut out, catalog);
    format!("{}\n", out.trim_end())
}

/// Questions first: most readers come with one.
fn contents(out: &mut String, catalog: &Catalog) {
    let parts = [
        (true, "[Events at a glance](#overview): who sends and who receives what"),
        (true, "[Who talks to whom](#map), as a picture"),
        (!catalog.flows.is_empty(), "[Flows](#flows): what follows what"),
        (!catalog.services.is_empty(), "[Services](#services): what each sends and receives"),
        (
            subscriptions::has_any(catalog),
            "[Subscriptions](#subscriptions): what happens when a handler fails",
        ),
        (personal::has_any(catalog), "[Personal data](#personal): which fields, and who gets them"),
        (
            versions::has_deprecated(catalog),
            "[Deprecated versions](#deprecated): since when, and who still uses them",
        ),
        (catalog.all_breaks().next().is_some(), "[Acknowledged breaks](#breaks)"),
        (!catalog.streams.is_empty(), "[Streams](#streams): what is kept, where, for how long"),
        (payloads::has_any(catalog), "[Large payloads](#payloads)"),
        (true, "[On the wire](#wire): headers and attributes"),
        (!catalog.types.is_empty(), "[Shared types](#types)"),
    ];
    for (_, part) in parts.iter().filter(|(is_there, _)| *is_there) {
        let _ = writeln!(out, "- {part}");
    }
    for name in domains(catalog) {
        let _ = writeln!(out, "- [Domain `{name}`](#{})", anchor("domain", name));
        for event in events(catalog, name) {
            let _ = writeln!(out, "  - {}", link("event", &event.id));
        }
    }
    out.push('\n');
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
    overview::domain(out, catalog, name);
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

/// Sections that the site shows as they are.
#[cfg(feature = "site")]
mod shared {
    use crate::model::Catalog;

    /// Breaks that are acknowledged.
    pub(in crate::emit) fn breaks(out: &mut String, catalog: &Catalog) {
        super::breaks::section(out, catalog);
    }

    /// What an event is on the wire, and what becomes of large payloads.
    pub(in crate::emit) fn wire(out: &mut String, catalog: &Catalog) {
        super::wire::body(out, catalog);
        super::payloads::section(out, catalog);
    }
}

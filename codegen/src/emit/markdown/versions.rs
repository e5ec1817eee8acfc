//! The versions of events: what is new in each, what became of old ones, what nobody should use any more.

use std::fmt::Write as _;

use super::super::reading::{changes, conversion, people};
use super::details::details;
use super::text::{Table, heading, link, list};
use crate::model::{Catalog, Event, Version};

/// More changes than this are behind a line to open.
const SHOWN: usize = 12;

/// The list of versions, where it says more than that there is one, and what changed between them.
pub(super) fn of_event(out: &mut String, catalog: &Catalog, event: &Event) {
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
    for between in changes::list(catalog, event) {
        let sentences: Vec<String> = between.changes.iter().map(changes::sentence).collect();
        let _ = write!(out, "What changed from {} to {}:\n\n", between.before.id, between.after.id);
        let (shown, more) = sentences.split_at(sentences.len().min(SHOWN));
        bullets(out, shown);
        if !more.is_empty() {
            details(out, &format!("{} more", more.len()), |out| bullets(out, more));
        }
    }
}

/// What becomes of a version's events in another version.
pub(super) fn links(out: &mut String, event: &Event, version: &Version) {
    for link in conversion::links(event, version) {
        let _ = write!(out, "{}\n\n", link.text);
        bullets(out, &link.steps);
    }
}

fn bullets(out: &mut String, lines: &[String]) {
    for line in lines {
        let _ = writeln!(out, "- {line}");
    }
    if !lines.is_empty() {
        out.push('\n');
    }
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

/// Every version that should not be used, each with its event.
fn deprecated(catalog: &Catalog) -> impl Iterator<Item = (&Event, &Version)> {
    let versions = catalog
        .events
        .values()
        .flat_map(|event| event.versions.values().map(move |version| (event, version)));
    versions.filter(|(_, version)| version.deprecated.is_some())
}

pub(super) fn has_deprecated(catalog: &Catalog) -> bool {
    deprecated(catalog).next().is_some()
}

/// What is deprecated, since when, and who still uses it.
pub(super) fn deprecations(out: &mut String, catalog: &Catalog) {
    if !has_deprecated(catalog) {
        return;
    }
    heading(out, 2, "deprecated", "Deprecated versions");
    let mut table = Table::new(&[
        "Event",
        "Version",
        "Since",
        "Use",
        "Why",
        "Still published by",
        "Still received by",
    ]);
    for (event, version) in deprecated(catalog) {
        let Some(deprecation) = &version.deprecated else { continue };
        let major = version.id.major;
        let sent = people::sent(catalog, event).filter(|(_, sent)| sent.major == major);
        let received = people::received(catalog, event).filter(|(_, _, one)| one.major == major);
        table.row([
            link("event", &event.id),
            version.id.to_string(),
            deprecation.since.clone().unwrap_or_default(),
            deprecation.instead.map(|instead| instead.to_string()).unwrap_or_default(),
            deprecation.because.clone().unwrap_or_default(),
            list(sent.map(|(service, _)| link("service", &service.name))),
            list(received.map(|(_, subscription, _)| link("subscription", &subscription.durable))),
        ]);
    }
    table.write(out);
    let copies = catalog.events.values().filter_map(|event| {
        let older: Vec<String> = event
            .majors()
            .keys()
            .filter_map(|major| Some((major, event.downcast(*major)?)))
            .map(|(major, downcast)| format!("{major} in {} too", downcast.major))
            .collect();
        (!older.is_empty())
            .then(|| format!("{} (version {})", link("event", &event.id), list(older)))
    });
    let copies = list(copies);
    if !copies.is_empty() {
        let _ = write!(
            out,
            "Published in an older version as well, for who has not moved: {copies}.\n\n"
        );
    }
}

//! The page of an event.

use std::fmt::Write as _;

use super::html::{escape, name};
use super::page::{Page, Site};
use super::{File, places, versions};
use crate::emit::markdown;
use crate::emit::reading::fields::{self, Described};
use crate::emit::reading::snippets::Snippet;
use crate::emit::reading::{conversion, failure, people, personal, snippets, wire};
use crate::facts;
use crate::model::{Catalog, Event, Version};

pub(super) fn page(site: &Site<'_>, event: &Event) -> File {
    let mut page = site.page(places::event(&event.id), &event.id).within(&event.domain);
    let above = format!("Event in {}", page.link("domain", &event.domain));
    page.heading(&above, &name(&event.id), &badges(site.catalog, event));
    page.lead(event.summary.as_deref());
    flow(&mut page, event);
    page.markdown(event.description.as_deref());
    let facts = markdown::event::facts(site.catalog, event);
    page.facts(facts.filter(|(name, _)| *name != "Published by"));
    consumers(&mut page, event);
    let newest = event.newest();
    page.section("payload", &format!("Payload <span class=\"soft\">version {}</span>", newest.id));
    payload(&mut page, event, newest);
    versions::section(&mut page, event);
    usage(&mut page, event);
    older(&mut page, event);
    page.finish()
}

/// What is to be seen at once: version, deprecation, personal data.
pub(super) fn badges(catalog: &Catalog, event: &Event) -> String {
    let newest = event.newest();
    let mut out = format!(" <span class=\"badge\">{}</span>", newest.id);
    if newest.deprecated.is_some() {
        out.push_str(" <span class=\"badge warn\">deprecated</span>");
    }
    if !personal::places(catalog, event).is_empty() {
        out.push_str(" <span class=\"badge pii\">personal data</span>");
    }
    out
}

/// Who sends it, it, and who receives it.
fn flow(page: &mut Page<'_, '_>, event: &Event) {
    let catalog = page.catalog();
    let senders: Vec<String> = people::sent(catalog, event)
        .map(|(service, sent)| {
            format!("{}<small>version {}</small>", page.link("service", &service.name), sent.major)
        })
        .collect();
    let receivers: Vec<String> = people::received(catalog, event)
        .map(|(service, subscription, received)| {
            let link = page.link("service", &service.name);
            let name = escape(&subscription.name);
            format!("{link}<small>{name}, version {}</small>", received.major)
        })
        .collect();
    let stream = catalog.domains.get(&event.domain);
    let stream = stream.map(|domain| page.link("stream", &domain.stream)).unwrap_or_default();
    let column = |title: &str, nobody: &str, cells: &[String]| {
        let items: String = cells.iter().map(|cell| format!("<li>{cell}</li>")).collect();
        let items = if items.is_empty() {
            format!("<p class=\"soft\">{nobody}</p>")
        } else {
            format!("<ul>{items}</ul>")
        };
        format!("<div class=\"end\"><h2>{title}</h2>{items}</div>")
    };
    let html = format!(
        "<div class=\"flow\">{}<div class=\"middle\" role=\"presentation\"><span class=\"pipe\">{stream}</span></div>{}</div>",
        column("Published by", "Nobody publishes it yet.", &senders),
        column("Received by", "Nobody receives it yet.", &receivers),
    );
    page.push(&html);
}

fn consumers(page: &mut Page<'_, '_>, event: &Event) {
    let catalog = page.catalog();
    let rows: Vec<Vec<String>> = people::received(catalog, event)
        .map(|(service, subscription, received)| {
            let again = failure::again(&subscription.retry);
            let last = failure::last(catalog, service, subscription);
            vec![
                page.link("subscription", &subscription.durable),
                format!("version&nbsp;{}", received.major),
                facts::order(subscription).to_owned(),
                page.inline(&format!("{again}; {last}.")),
            ]
        })
        .collect();
    if !rows.is_empty() {
        page.section("failure", "When a handler fails");
        let head = ["Subscription", "Takes", "Order", "An event that fails"];
        page.table("What becomes of an event that fails", &head, &rows);
    }
}

/// Fields, links to other versions, and an example.
fn payload(page: &mut Page<'_, '_>, event: &Event, version: &Version) {
    let catalog = page.catalog();
    page.markdown(version.payload.title.as_deref());
    page.markdown(version.payload.description.as_deref());
    let impact = |path: &str| {
        format!("map.html#event={}&version={}&field={path}", event.id, version.id.major)
    };
    described(page, &fields::payload(catalog, event, version), Some(&impact));
    for local in fields::locals(catalog, event, version) {
        let title = name(&local.definition.rust_name);
        page.push(&format!("<h3 id=\"{}\">{title}</h3>", escape(&local.anchor)));
        page.markdown(local.definition.schema.title.as_deref());
        page.markdown(local.definition.schema.description.as_deref());
        described(page, &local.described, None);
    }
    for link in conversion::links(event, version) {
        let text = page.inline(&link.text);
        let steps: String =
            link.steps.iter().map(|step| format!("<li>{}</li>", page.inline(step))).collect();
        let steps = if steps.is_empty() { steps } else { format!("<ul>{steps}</ul>") };
        page.push(&format!("<p>{text}</p>{steps}"));
    }
    let Some(message) = wire::example(catalog, event, version) else { return };
    page.push("<div class=\"tabs\">");
    tab(page, "Example", |page| page.code("json", &message.payload));
    tab(page, "On the wire", |page| {
        let mut head = message.subject.clone();
        for (name, value) in &message.headers {
            let _ = write!(head, "\n{name}: {value}");
        }
        page.push("<p>Subject and <a href=\"../wire.html\">headers</a>:</p>");
        page.code("text", &head);
        page.push("<p>Body:</p>");
        page.code("json", &message.body);
    });
    page.push("</div>");
}

/// A table of fields; `impact` is where a reader sees who breaks when one changes.
pub(super) fn described(
    page: &mut Page<'_, '_>,
    described: &Described,
    impact: Option<&dyn Fn(&str) -> String>,
) {
    if described.fields.is_empty() {
        let alone = page.inline(&described.alone);
        page.push(&format!("<p>{alone}</p>"));
        return;
    }
    let rows: Vec<Vec<String>> = described
        .fields
        .iter()
        .map(|field| {
            let required = if field.is_required { "" } else { "<small>optional</small>" };
            let personal = match field.personal.as_str() {
                "" => String::new(),
                words => format!("<span class=\"badge pii\">{}</span>", page.inline(words)),
            };
            let constraints = match field.constraints.as_str() {
                "" => String::new(),
                words => format!("<div class=\"constraints\">{}</div>", page.inline(words)),
            };
            let impact = impact.map_or_else(String::new, |impact| {
                format!(
                    "<a class=\"impact\" href=\"{}\" aria-label=\"Who breaks if {} changes?\">Who breaks?</a>",
                    page.href(&impact(&field.path)),
                    escape(&field.path)
                )
            });
            vec![
                format!("{}{required}", name(&field.path)),
                format!("{}{constraints}", page.inline(&field.kind)),
                format!("{} {personal}", page.inline(&field.meaning)),
                impact,
            ]
        })
        .collect();
    page.table("Fields", &["Field", "Type", "Meaning", "If it changes"], &rows);
}

fn tab(page: &mut Page<'_, '_>, title: &str, inside: impl FnOnce(&mut Page<'_, '_>)) {
    page.push(&format!("<section class=\"tab\"><h3>{title}</h3>"));
    inside(page);
    page.push("</section>");
}

fn usage(page: &mut Page<'_, '_>, event: &Event) {
    let catalog = page.catalog();
    let rust = snippets::rust(catalog, event);
    let message = wire::example(catalog, event, event.newest());
    if rust.is_empty() && message.is_none() {
        return;
    }
    page.section("use", "Publish and handle it");
    page.push("<div class=\"tabs\">");
    if !rust.is_empty() {
        tab(page, "Rust", |page| all(page, &rust));
    }
    if let Some(message) = message {
        let file = format!("{}.json", event.method_name);
        let needs = page.inline(&snippets::needs(&message, &file));
        for snippet in snippets::foreign(catalog, event, &message, &file) {
            let title = page.inline(&snippet.title);
            tab(page, &title, |page| {
                page.push(&format!("<p>{needs}</p>"));
                page.code(snippet.language, &snippet.code);
            });
        }
    }
    page.push("</div>");
}

fn all(page: &mut Page<'_, '_>, snippets: &[Snippet]) {
    for snippet in snippets {
        let title = page.inline(&snippet.title);
        page.push(&format!("<p>{title}:</p>"));
        page.code(snippet.language, &snippet.code);
    }
}

/// The older major versions, to be opened.
fn older(page: &mut Page<'_, '_>, event: &Event) {
    let newest = event.newest().id;
    let majors = event.majors();
    let older: Vec<&&Version> = majors.values().rev().filter(|one| one.id != newest).collect();
    if older.is_empty() {
        return;
    }
    page.section("older", "Older versions");
    for version in older {
        let state = if version.deprecated.is_some() { ", deprecated" } else { "" };
        page.push(&format!(
            "<details class=\"older\"><summary>Payload of version {}{state}</summary>",
            version.id
        ));
        payload(page, event, version);
        page.push("</details>");
    }
}

//! The first page: every event, by domain.

use super::html::escape;
use super::page::{Page, Site};
use super::{File, domain, places};
use crate::emit::reading::people;
use crate::model::Event;

pub(super) fn page(site: &Site<'_>) -> File {
    let catalog = site.catalog;
    let title = site.title();
    let mut page = site.page("index.html", "Events");
    page.heading("Event catalog", &escape(&title), "");
    page.markdown(catalog.description.as_deref());
    let count = |number: usize, one: &str, several: &str, path: &str| {
        let what = if number == 1 { one } else { several };
        format!("<li><a href=\"{path}\"><b>{number}</b> {what}</a></li>")
    };
    let counts = [
        count(catalog.events.len(), "event", "events", "#events"),
        count(site.domains.len(), "domain", "domains", "#events"),
        count(catalog.services.len(), "service", "services", "services.html"),
        count(catalog.streams.len(), "stream", "streams", "streams.html"),
    ];
    page.push(&format!("<ul class=\"counts\">{}</ul>", counts.concat()));
    let flows = if catalog.flows.is_empty() {
        ""
    } else {
        "<li><a href=\"flows.html\">What follows what?</a></li>"
    };
    page.push(&format!(
        "<ul class=\"questions\">{flows}\
         <li><a href=\"map.html\">Who breaks if I change this field?</a></li>\
         <li><a href=\"services.html\">What happens when a handler fails?</a></li>\
         <li><a href=\"personal.html\">Which fields are personal?</a></li>\
         <li><a href=\"changes.html\">What is new, what is deprecated?</a></li>\
         </ul>",
    ));
    page.section("events", "Events by domain");
    let (used, reserved): (Vec<&str>, Vec<&str>) =
        site.domains.iter().partition(|name| people::events(catalog, name).next().is_some());
    for name in used {
        let events: Vec<&Event> = people::events(catalog, name).collect();
        let link = page.href(&places::domain(name));
        page.push(&format!("<h3><a href=\"{link}\">{}</a></h3>", escape(name)));
        about(&mut page, name);
        domain::events_table(&mut page, &events);
    }
    if !reserved.is_empty() {
        page.section("reserved", "Domains without events yet");
    }
    for name in reserved {
        let link = page.href(&places::domain(name));
        page.push(&format!("<h3><a href=\"{link}\">{}</a></h3>", escape(name)));
        about(&mut page, name);
    }
    page.finish()
}

fn about(page: &mut Page<'_, '_>, domain: &str) {
    let summary = page.catalog().domains.get(domain).and_then(|found| found.summary.as_deref());
    if let Some(summary) = summary {
        let summary = page.inline(summary);
        page.push(&format!("<p class=\"soft\">{summary}</p>"));
    }
}

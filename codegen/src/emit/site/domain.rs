//! The page of a domain.

use super::html::{escape, name};
use super::page::{Page, Site};
use super::{File, event, places};
use crate::emit::reading::people;
use crate::model::Event;

pub(super) fn page(site: &Site<'_>, domain: &str) -> File {
    let mut page = site.page(places::domain(domain), domain).within(domain);
    page.heading("Domain", &escape(domain), "");
    if let Some(found) = site.catalog.domains.get(domain) {
        page.lead(found.summary.as_deref());
        page.markdown(found.description.as_deref());
        let stream = format!("[`{0}`](#stream-{0})", found.stream);
        let owner = found.owner.as_ref().map(|owner| format!("`{owner}`")).unwrap_or_default();
        page.facts([("Owner", owner), ("Stream", stream)]);
        if !found.aggregates.is_empty() {
            page.section("aggregates", "Aggregates");
        }
        for aggregate in found.aggregates.values() {
            page.push(&format!("<h3>{}</h3>", name(&aggregate.name)));
            page.lead(aggregate.summary.as_deref());
            let template = format!("`{}`", aggregate.template());
            page.facts([("Id", format!("`{}`", aggregate.id)), ("Events lie on", template)]);
        }
    }
    page.section("events", "Events");
    let events: Vec<&Event> = people::events(site.catalog, domain).collect();
    if events.is_empty() {
        page.push("<p class=\"soft\">No events yet: the stream is reserved.</p>");
    }
    events_table(&mut page, &events);
    if !events.is_empty() {
        let map = page.href(&format!("map.html#domain={domain}"));
        page.push(&format!(
            "<p><a href=\"{map}\">See who sends and receives them on the map</a></p>"
        ));
    }
    page.finish()
}

/// Events with who has to do with them.
pub(super) fn events_table(page: &mut Page<'_, '_>, events: &[&Event]) {
    let catalog = page.catalog();
    let services = |page: &Page<'_, '_>, names: Vec<&str>| {
        names.iter().map(|name| page.link("service", name)).collect::<Vec<_>>().join(", ")
    };
    let rows: Vec<Vec<String>> = events
        .iter()
        .map(|event| {
            let summary = event.summary.as_deref().map(|text| page.inline(text));
            vec![
                format!("{}{}", page.link("event", &event.id), event::badges(catalog, event)),
                summary.unwrap_or_default(),
                services(page, people::publishers(catalog, event).collect()),
                services(page, people::consumers(catalog, event).collect()),
            ]
        })
        .collect();
    page.table("Events", &["Event", "What happened", "Published by", "Received by"], &rows);
}

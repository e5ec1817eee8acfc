//! The page of a flow, and the page that lists them.

use super::html::{escape, name};
use super::page::{Page, Site};
use super::{File, places, sequence};
use crate::emit::reading::{failure, flows};
use crate::model::{Catalog, Flow, Happening, Service, Subscription};

/// The page of each flow, and the list; none where the catalog has no flows.
pub(super) fn pages(site: &Site<'_>) -> Vec<File> {
    let flows = &site.catalog.flows;
    let list = (!flows.is_empty()).then(|| list(site));
    list.into_iter().chain(flows.values().map(|flow| page(site, flow))).collect()
}

fn list(site: &Site<'_>) -> File {
    let mut page = site.page("flows.html", "Flows");
    page.heading("Event catalog", "Flows", "");
    page.lead(Some(
        "What follows what: which service publishes an event, who handles it, and what comes then.",
    ));
    let flows = site.catalog.flows.values();
    let rows: Vec<Vec<String>> = flows
        .map(|flow| {
            let services = flow.services().into_iter();
            vec![
                page.link("flow", &flow.name),
                flow.summary.as_deref().map(|text| page.inline(text)).unwrap_or_default(),
                services.map(|name| page.link("service", name)).collect::<Vec<_>>().join(", "),
                flow.all_steps().len().to_string(),
            ]
        })
        .collect();
    page.table("Flows", &["Flow", "What it is about", "Services", "Steps"], &rows);
    page.finish()
}

fn page(site: &Site<'_>, flow: &Flow) -> File {
    let mut page = site.page(places::flow(&flow.name), &flow.name);
    page.heading("<a href=\"../flows.html\">Flow</a>", &name(&flow.name), "");
    page.lead(flow.summary.as_deref());
    page.markdown(flow.description.as_deref());
    sequence::diagram(&mut page, flow);
    failures(&mut page, flow);
    page.finish()
}

/// What becomes of its events where they cannot be handled.
fn failures(page: &mut Page<'_, '_>, flow: &Flow) {
    let catalog = page.catalog();
    let rows: Vec<Vec<String>> = taking_part(catalog, flow)
        .into_iter()
        .map(|(service, subscription)| {
            let again = failure::again(&subscription.retry);
            let last = failure::last(catalog, service, subscription);
            vec![
                page.link("subscription", &subscription.durable),
                page.inline(&format!("{again}; {last}.")),
                escape(failure::meanwhile(subscription)).into_owned(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        page.section("failure", "When a handler fails");
        let head = ["Subscription", "An event that fails", "Meanwhile"];
        page.table("What becomes of an event that fails", &head, &rows);
    }
}

/// The subscriptions to which something comes, in the order in which it does.
fn taking_part<'c>(catalog: &'c Catalog, flow: &Flow) -> Vec<(&'c Service, &'c Subscription)> {
    let mut all: Vec<(&Service, &Subscription)> = Vec::new();
    for step in flow.all_steps() {
        let Happening::Event { to, .. } = &step.what else { continue };
        for one in to {
            let Some(service) = catalog.services.get(&one.service) else { continue };
            for subscription in flows::subscriptions(catalog, one) {
                if all.iter().all(|(_, known)| known.durable != subscription.durable) {
                    all.push((service, subscription));
                }
            }
        }
    }
    all
}

//! Services: what each sends and receives.

use std::fmt::Write as _;

use super::subscriptions;
use super::text::{Table, anchor, code, heading, link, list, paragraph};
use crate::model::{Catalog, CoreSubjects, Service};

pub(super) fn section(out: &mut String, catalog: &Catalog) {
    if catalog.services.is_empty() {
        return;
    }
    heading(out, 2, "services", "Services");
    for service in catalog.services.values() {
        heading(out, 3, &anchor("service", &service.name), &code(&service.name));
        paragraph(out, service.summary.as_deref());
        paragraph(out, service.description.as_deref());
        if let Some(owner) = &service.owner {
            let _ = write!(out, "Owned by {}.\n\n", code(owner));
        }
        sends(out, catalog, service);
        for subscription in service.subscriptions.values() {
            subscriptions::subscription(out, catalog, service, subscription);
        }
        core(out, &service.core);
        if service.publishes.is_empty() && service.subscriptions.is_empty() {
            out.push_str("It neither sends nor receives anything yet.\n\n");
        }
    }
}

fn sends(out: &mut String, catalog: &Catalog, service: &Service) {
    let mut table = Table::new(&["Sends", "Version", "When"]);
    for sent in &service.publishes {
        let event = catalog.events.get(&sent.event);
        let summary = event.and_then(|event| event.summary.clone()).unwrap_or_default();
        table.row([link("event", &sent.event), sent.major.to_string(), summary]);
    }
    table.write(out);
    if !service.validate && !service.publishes.is_empty() {
        out.push_str("Their payloads are not checked before they are sent.\n\n");
    }
}

fn core(out: &mut String, core: &CoreSubjects) {
    let uses = [
        ("Sends to", &core.publish),
        ("Listens to", &core.subscribe),
        ("Answers on", &core.answer),
    ];
    for (does, subjects) in uses.into_iter().filter(|(_, subjects)| !subjects.is_empty()) {
        let subjects = list(subjects.keys().map(|subject| code(subject)));
        let _ = write!(out, "{does} {subjects}, without a stream.\n\n");
    }
}

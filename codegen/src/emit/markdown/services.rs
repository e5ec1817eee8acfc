//! Services: what each sends and receives.

use std::fmt::Write as _;

use super::super::reading::{core, flows};
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
        without_stream(out, &service.core);
        if service.publishes.is_empty()
            && service.subscriptions.is_empty()
            && core::uses(&service.core).next().is_none()
        {
            out.push_str("It neither sends nor receives anything yet.\n\n");
        }
        let flows = flows::of_service(catalog, &service.name);
        if !flows.is_empty() {
            let _ = write!(out, "It takes part in {flows}.\n\n");
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

fn without_stream(out: &mut String, core: &CoreSubjects) {
    for (does, subjects) in core::uses(core) {
        let subjects = list(subjects.keys().map(|subject| code(subject)));
        let _ = write!(out, "{does} {subjects}, without a stream.\n\n");
    }
}

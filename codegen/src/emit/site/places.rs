//! Where the parts of a catalog are on the site.

use std::collections::BTreeMap;

use super::super::markdown::text::anchor;
use super::super::reading::fields;
use crate::model::Catalog;

/// The page of an event.
pub(super) fn event(id: &str) -> String {
    format!("events/{id}.html")
}

/// The page of a service.
pub(super) fn service(name: &str) -> String {
    format!("services/{name}.html")
}

/// The page of a stream.
pub(super) fn stream(name: &str) -> String {
    format!("streams/{name}.html")
}

/// The page of a domain.
pub(super) fn domain(name: &str) -> String {
    format!("domains/{name}.html")
}

/// The page of a flow.
pub(super) fn flow(name: &str) -> String {
    format!("flows/{name}.html")
}

/// The page of a shared type.
pub(super) fn shared_type(name: &str) -> String {
    format!("types/{name}.html")
}

/// From the anchors of `EVENTS.md` to pages, which may have a part behind `#`.
pub(super) fn all(catalog: &Catalog) -> BTreeMap<String, String> {
    let mut places = BTreeMap::new();
    for name in catalog.domains.keys() {
        places.insert(anchor("domain", name), domain(name));
    }
    for event in catalog.events.values() {
        let page = self::event(&event.id);
        for version in event.versions.values() {
            for local in fields::locals(catalog, event, version) {
                places.insert(local.anchor.clone(), format!("{page}#{}", local.anchor));
            }
        }
        places.insert(anchor("event", &event.id), page);
    }
    for service in catalog.services.values() {
        let page = self::service(&service.name);
        for subscription in service.subscriptions.values() {
            let anchor = anchor("subscription", &subscription.durable);
            places.insert(anchor.clone(), format!("{page}#{anchor}"));
        }
        places.insert(anchor("service", &service.name), page);
    }
    for name in catalog.streams.keys() {
        places.insert(anchor("stream", name), stream(name));
    }
    for name in catalog.flows.keys() {
        places.insert(anchor("flow", name), flow(name));
    }
    for name in catalog.types.keys() {
        places.insert(anchor("type", name), shared_type(name));
    }
    for (part, page) in [("payloads", "wire.html#payloads"), ("wire", "wire.html")] {
        places.insert(part.to_owned(), page.to_owned());
    }
    places
}

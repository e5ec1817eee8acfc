//! Which part of a catalog becomes Rust: all of it, or what some services need.

use std::collections::BTreeSet;

use crate::closest;
use crate::model::{Catalog, Event, Schema, Scope, Service, Shape, TypeRef};

/// What becomes Rust.
#[derive(Debug)]
pub struct Part<'a> {
    services: BTreeSet<&'a str>,
    events: BTreeSet<&'a str>,
    types: BTreeSet<&'a str>,
}

impl<'a> Part<'a> {
    /// All of it.
    pub fn whole(catalog: &'a Catalog) -> Self {
        Self {
            services: catalog.services.keys().map(String::as_str).collect(),
            events: catalog.events.keys().map(String::as_str).collect(),
            types: catalog.types.keys().map(String::as_str).collect(),
        }
    }

    /// These services with the events that they publish and receive, those of the same aggregates, and the types that they are
    /// made of.
    ///
    /// # Errors
    /// One of them is no service of the catalog.
    pub fn of_services(catalog: &'a Catalog, names: &'a [String]) -> Result<Self, String> {
        let mut part = Self {
            services: names.iter().map(String::as_str).collect(),
            events: BTreeSet::new(),
            types: BTreeSet::new(),
        };
        for name in names {
            let service = catalog.services.get(name).ok_or_else(|| no_service(catalog, name))?;
            part.events.extend(events_of(service));
        }
        let aggregates: Vec<_> =
            catalog.domains.values().flat_map(|domain| domain.aggregates.values()).collect();
        for aggregate in aggregates {
            let all: Vec<&Event> =
                catalog.events.values().filter(|event| aggregate.has(event)).collect();
            if all.iter().any(|event| part.has_event(event)) {
                part.events.extend(all.iter().map(|event| event.id.as_str()));
            }
        }
        let events: Vec<&Event> =
            catalog.events.values().filter(|event| part.has_event(event)).collect();
        for version in events.into_iter().flat_map(|event| event.versions.values()) {
            let scope = Scope::version(catalog, version);
            part.types_of(scope, &version.payload);
            for local in &version.definitions {
                part.types_of(scope, &local.schema);
            }
        }
        Ok(part)
    }

    pub(super) fn has_service(&self, name: &str) -> bool {
        self.services.contains(name)
    }

    /// Whether the event's types are in it.
    pub fn has_event(&self, event: &Event) -> bool {
        self.events.contains(event.id.as_str())
    }

    pub(super) fn has_type(&self, name: &str) -> bool {
        self.types.contains(name)
    }

    fn types_of(&mut self, scope: Scope<'a>, schema: &'a Schema) {
        if let Shape::Ref(reference @ TypeRef::Shared(name)) = &schema.shape
            && let Some(found) = scope.get(reference)
            && self.types.insert(name)
        {
            self.types_of(scope, &found.schema);
        }
        for inner in schema.inner() {
            self.types_of(scope, inner);
        }
    }
}

fn no_service(catalog: &Catalog, unknown: &str) -> String {
    let known: Vec<&str> = catalog.services.keys().map(String::as_str).collect();
    match closest(unknown, known.iter().copied()) {
        Some(close) => format!("the catalog has no service `{unknown}`; did you mean `{close}`?"),
        None => format!("the catalog has no service `{unknown}`; it has {}", known.join(", ")),
    }
}

fn events_of(service: &Service) -> impl Iterator<Item = &str> {
    let sent = service.publishes.iter().map(|sent| sent.event.as_str());
    let subscriptions = service.subscriptions.values();
    let received = subscriptions.flat_map(|subscription| &subscription.events);
    sent.chain(received.map(|received| received.event.as_str()))
}

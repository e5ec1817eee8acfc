//! Who sends what, and who receives it.

use crate::model::{Catalog, Event, Published, Service, Subscribed, Subscription};

/// Names of the domains, those without a file of their own among them.
pub(in crate::emit) fn domains(catalog: &Catalog) -> Vec<&str> {
    let declared = catalog.domains.keys().map(String::as_str);
    let used = catalog.events.values().map(|event| event.domain.as_str());
    let mut names: Vec<&str> = declared.chain(used).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The events of a domain.
pub(in crate::emit) fn events<'a>(
    catalog: &'a Catalog,
    domain: &str,
) -> impl Iterator<Item = &'a Event> {
    catalog.events.values().filter(move |event| event.domain == domain)
}

/// Names of the services that publish an event, sorted.
pub(in crate::emit) fn publishers<'a>(
    catalog: &'a Catalog,
    event: &'a Event,
) -> impl Iterator<Item = &'a str> {
    let sends = |service: &&Service| service.publishes.iter().any(|sent| sent.event == event.id);
    catalog.services.values().filter(sends).map(|service| service.name.as_str())
}

/// Names of the services that receive an event, sorted.
pub(in crate::emit) fn consumers<'a>(
    catalog: &'a Catalog,
    event: &'a Event,
) -> impl Iterator<Item = &'a str> {
    let receives = |service: &&Service| {
        let mut all = service.subscriptions.values().flat_map(|subscription| &subscription.events);
        all.any(|received| received.event == event.id)
    };
    catalog.services.values().filter(receives).map(|service| service.name.as_str())
}

/// Each service that publishes an event, with the version.
pub(in crate::emit) fn sent<'a>(
    catalog: &'a Catalog,
    event: &'a Event,
) -> impl Iterator<Item = (&'a Service, &'a Published)> {
    catalog.services.values().flat_map(move |service| {
        let published = service.publishes.iter().filter(|sent| sent.event == event.id);
        published.map(move |sent| (service, sent))
    })
}

/// Each subscription that receives an event, with the version.
pub(in crate::emit) fn received<'a>(
    catalog: &'a Catalog,
    event: &'a Event,
) -> impl Iterator<Item = (&'a Service, &'a Subscription, &'a Subscribed)> {
    let subscriptions = catalog.services.values().flat_map(|service| {
        service.subscriptions.values().map(move |subscription| (service, subscription))
    });
    subscriptions.flat_map(move |(service, subscription)| {
        let events = subscription.events.iter().filter(|received| received.event == event.id);
        events.map(move |received| (service, subscription, received))
    })
}

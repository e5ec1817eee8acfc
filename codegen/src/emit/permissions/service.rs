use std::collections::BTreeSet;

use tidings_payload::Prefix;

use super::User;
use super::grants::Grants;
use crate::model::{Catalog, Event, Service, Subscription};

/// What a service may do.
pub(super) fn user(
    catalog: &Catalog,
    service: &Service,
    organization: Option<&str>,
    prefix: Option<&Prefix>,
) -> User {
    let mut grants = Grants::new(catalog, prefix);
    for event in published(catalog, service) {
        publishes(&mut grants, catalog, service, event, organization);
    }
    for subscription in service.subscriptions.values() {
        subscribes(&mut grants, catalog, service, subscription);
    }
    if service.replays {
        replays(&mut grants, catalog, service);
    }
    for bucket in &service.buckets {
        grants.keep(bucket);
    }
    grants.talk(&service.core);
    let summary = service.summary.as_deref().unwrap_or_default();
    let line: Vec<&str> = summary.split_whitespace().collect();
    let about = match line.is_empty() {
        true => format!("The service `{}`.", service.name),
        false => format!("The service `{}`: {}", service.name, line.join(" ")),
    };
    grants.into_user(&service.name, about)
}

fn published<'c>(catalog: &'c Catalog, service: &'c Service) -> impl Iterator<Item = &'c Event> {
    service.publishes.iter().filter_map(|sent| catalog.events.get(&sent.event))
}

fn publishes(
    grants: &mut Grants<'_>,
    catalog: &Catalog,
    service: &Service,
    event: &Event,
    organization: Option<&str>,
) {
    // A copy in an older version has the subject of its event.
    for subject in event.filters_for(catalog.tenancy.as_ref().zip(organization)) {
        grants.publish(subject);
    }
    let Some(stream) = stream_of(catalog, event) else { return };
    grants.leave_payloads(stream);
    if catalog.aggregate_of(event).is_some() {
        grants.load(stream);
    }
    if service.schedules {
        grants.publish(format!("_scheduled.{stream}.*"));
        grants.of_stream(stream, &["INFO", "MSG.DELETE"]);
        grants.read_back(stream);
    }
}

fn subscribes(
    grants: &mut Grants<'_>,
    catalog: &Catalog,
    service: &Service,
    subscription: &Subscription,
) {
    for durable in subscription.durables() {
        grants.consume(&subscription.stream, durable);
    }
    grants.read_back(&subscription.stream);
    grants.fetch_payloads(&subscription.stream);
    let dead_letters = &catalog.dead_letters;
    let (redrive, _) = dead_letters.redrive_of(&service.name, subscription);
    grants.consume(&dead_letters.stream, &redrive);
    // How many there are, for its figures; what they hold is no part of the answer.
    grants.of_stream(&dead_letters.stream, &["INFO"]);
    let (subject, name) = (&dead_letters.subject, &subscription.name);
    grants.publish(format!("{subject}.{}.{name}.>", service.name));
}

/// To read again what it subscribes to, and what its aggregates are made of.
fn replays(grants: &mut Grants<'_>, catalog: &Catalog, service: &Service) {
    for subscription in service.subscriptions.values() {
        let stream = subscription.stream.as_str();
        let siblings = service.subscriptions.values().filter(|other| other.stream == stream);
        let own: Vec<&str> = siblings.flat_map(Subscription::durables).collect();
        let divided = subscription.partitions.iter().flat_map(|partition| &partition.filters);
        let filters = subscription.filters.iter().chain(divided).cloned().collect();
        grants.read_anew(stream, &filters, &own);
        grants.fetch_payloads(stream);
    }
    for event in published(catalog, service) {
        let aggregate = catalog.aggregate_of(event);
        let Some((aggregate, stream)) = aggregate.zip(stream_of(catalog, event)) else { continue };
        let siblings = service.subscriptions.values().filter(|other| other.stream == stream);
        let own: Vec<&str> = siblings.flat_map(Subscription::durables).collect();
        grants.read_anew(stream, &BTreeSet::from([aggregate.filter()]), &own);
    }
}

fn stream_of<'c>(catalog: &'c Catalog, event: &Event) -> Option<&'c str> {
    catalog.domains.get(&event.domain).map(|domain| domain.stream.as_str())
}

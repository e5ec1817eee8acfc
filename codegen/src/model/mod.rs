//! The resolved catalog: sorted, looked up, free of `Option`s that a default fills.
//!
//! Lints, compatibility rules and emitters read this and nothing before it. Every part keeps the [`Span`] it came
//! from, for diagnostics alone.

mod acknowledged;
mod aggregate;
mod conversion;
mod encrypted;
mod event;
mod finite;
mod flow;
mod personal;
mod places;
mod remembering;
mod schema;
mod scope;
mod service;
mod shape;
mod stream;

use std::collections::{BTreeMap, BTreeSet};

pub use acknowledged::Break;
pub use aggregate::Aggregate;
pub use conversion::{Change, Conversion, Downcast, How, Link, Step, Upcast};
pub use encrypted::{Encrypted, Erased, Unencryptable};
pub use event::{
    Deprecation, Event, EventId, Example, SubjectTemplate, SubjectToken, Version, VersionId,
};
pub(crate) use finite::Finite;
pub use flow::{Alternative, Flow, FlowStep, Happening, KnownValue, Receiver};
pub use personal::Personal;
pub use places::Places;
pub use schema::{Access, Pii, Schema, SharedType, TypeRef};
pub use scope::Scope;
pub use service::{
    Alerts, Breaker, CoreSubjects, Partition, Published, Retention, Retry, Service, Start,
    Subscribed, Subscription,
};
pub use shape::{
    Array, Bound, Format, Integer, Map, Number, Object, OneOf, Property, Shape, Tagging, Text,
    Variant,
};
pub use stream::{
    ClaimCheck, DeadLetters, Ownership, PayloadBucket, Payloads, Storage, Stream, StreamLimits,
};
pub use tidings_payload::Encoding;

use crate::source::Span;

/// The whole catalog.
#[derive(Debug)]
pub struct Catalog {
    /// Where `catalog.yaml` names itself.
    pub span: Span,
    /// The catalog's name.
    pub name: String,
    /// A line for people.
    pub title: Option<String>,
    /// Markdown for people.
    pub description: Option<String>,
    /// How events tell tenants apart, if they do.
    pub tenancy: Option<Tenancy>,
    /// Where failed deliveries go.
    pub dead_letters: DeadLetters,
    /// By name.
    pub streams: BTreeMap<String, Stream>,
    /// By name.
    pub domains: BTreeMap<String, Domain>,
    /// By event type (`orders.order.created`).
    pub events: BTreeMap<EventId, Event>,
    /// By name.
    pub services: BTreeMap<String, Service>,
    /// What happens one after the other, by name.
    pub flows: BTreeMap<String, Flow>,
    /// Breaks that are acknowledged for the whole of it.
    pub breaks: Vec<Break>,
    /// Schemas in files under `types`, by Rust name.
    pub types: BTreeMap<String, SharedType>,
}

impl Catalog {
    /// The aggregate that an event belongs to.
    pub fn aggregate_of(&self, event: &Event) -> Option<&Aggregate> {
        let domain = self.domains.get(&event.domain)?;
        domain.aggregates.values().find(|aggregate| aggregate.has(event))
    }

    /// The buckets of keys and values that services keep data in.
    pub fn buckets(&self) -> BTreeSet<&str> {
        let services = self.services.values();
        services.flat_map(|service| &service.buckets).map(String::as_str).collect()
    }

    /// The buckets of large payloads, each with its stream.
    pub fn payload_buckets(&self) -> impl Iterator<Item = (&Stream, PayloadBucket)> {
        let dead_letters = self.streams.get(&self.dead_letters.stream);
        let streams = self.streams.values();
        streams.filter_map(move |stream| Some((stream, stream.payload_bucket(dead_letters?)?)))
    }

    /// Every break that is acknowledged anywhere in it, from the outside in.
    pub fn all_breaks(&self) -> impl Iterator<Item = &Break> {
        let events = self.events.values().flat_map(|event| {
            event.breaks.iter().chain(event.versions.values().flat_map(|version| &version.breaks))
        });
        self.breaks
            .iter()
            .chain(self.domains.values().flat_map(|domain| &domain.breaks))
            .chain(events)
            .chain(self.services.values().flat_map(|service| &service.breaks))
    }
}

/// How events tell tenants apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenancy {
    /// Where the attribute is named.
    pub span: Span,
    /// What the tenant's id is called in the team's words (`organization_id`).
    pub attribute: String,
    /// Whether every event must carry it.
    pub required: bool,
}

/// A domain: the first token of its events' types.
#[derive(Debug)]
pub struct Domain {
    /// Its name in its file.
    pub span: Span,
    /// Its name.
    pub name: String,
    /// A line for people.
    pub summary: Option<String>,
    /// Markdown for people.
    pub description: Option<String>,
    /// The team.
    pub owner: Option<String>,
    /// Name of the stream that stores its events.
    pub stream: String,
    /// By name.
    pub aggregates: BTreeMap<String, Aggregate>,
    /// Breaks that are acknowledged for it and its events.
    pub breaks: Vec<Break>,
}

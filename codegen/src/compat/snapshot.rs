//! What the compatibility law judges: a catalog without its texts, its places and its way of writing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::annotations;
use crate::json_schema;
use crate::model::{self, Catalog, VersionId};

/// A catalog as far as others depend on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The catalog's name, a part of every event's `source`.
    pub catalog: String,
    /// How events tell tenants apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenancy: Option<Tenancy>,
    /// Where failed deliveries go.
    pub dead_letters: DeadLetters,
    /// By name.
    pub streams: BTreeMap<String, Stream>,
    /// The stream of each domain.
    pub domains: BTreeMap<String, String>,
    /// By type.
    pub events: BTreeMap<String, Event>,
    /// By name.
    pub services: BTreeMap<String, Service>,
}

/// How events tell tenants apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenancy {
    /// What the tenant's id is called.
    pub attribute: String,
    /// Whether every event has one.
    pub required: bool,
}

/// Where failed deliveries go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetters {
    /// Name of the stream.
    pub stream: String,
    /// First token of the subjects.
    pub subject: String,
}

/// A stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// What it captures.
    pub subjects: Vec<String>,
    /// Into how many partitions it divides events with a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitions: Option<u16>,
    /// What becomes of large payloads; nothing by default.
    #[serde(default, skip_serializing_if = "Payloads::is_default")]
    pub payloads: Payloads,
    /// Its limits where no environment says otherwise.
    pub limits: Limits,
    /// Its limits by environment, for those that change any.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environments: BTreeMap<String, Limits>,
}

/// What becomes of large payloads, as far as readers have to know of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payloads {
    /// Whether large messages are compressed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub compressed: bool,
    /// Whether payloads may lie apart from their messages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub apart: bool,
}

impl Payloads {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What bounds a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// `file` or `memory`.
    pub storage: String,
    /// In milliseconds; none for no limit.
    pub max_age_ms: Option<u64>,
    /// None for no limit.
    pub max_bytes: Option<u64>,
    /// Copies over the cluster's servers.
    pub replicas: u8,
    /// In milliseconds.
    pub duplicate_window_ms: u64,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its Rust name.
    pub name: String,
    /// Where it is published: `orders.{region}.order.created`.
    pub subject: String,
    /// Property that tells which events stay in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// For each major version whose events are published in an older one too, that one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub copies: BTreeMap<u16, u16>,
    /// For each version with encrypted values, their places, and what stands for each once it is erased.
    #[serde(default, with = "versions", skip_serializing_if = "BTreeMap::is_empty")]
    pub encrypted: BTreeMap<VersionId, BTreeMap<String, String>>,
    /// Payloads as JSON Schema, without texts.
    #[serde(with = "versions")]
    pub versions: BTreeMap<VersionId, Value>,
}

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// The publisher's method for each event that it sends: `orders.order.created@2`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub publishes: BTreeMap<String, String>,
    /// By name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub subscriptions: BTreeMap<String, Subscription>,
}

/// A durable consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Its name on the server.
    pub durable: String,
    /// The stream that it reads.
    pub stream: String,
    /// Where a new durable begins: `all` or `new`.
    pub start: String,
    /// Whether events with one key are handled one after the other.
    pub ordered_by_key: bool,
    /// How many durables it has, one for each partition, where these are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitions: Option<u16>,
    /// The handler's method for each event that it receives: `orders.order.created@2`.
    pub events: BTreeMap<String, String>,
}

impl Snapshot {
    /// What others depend on of a catalog.
    pub fn of(catalog: &Catalog) -> Self {
        Self {
            catalog: catalog.name.clone(),
            tenancy: catalog.tenancy.as_ref().map(|tenancy| Tenancy {
                attribute: tenancy.attribute.clone(),
                required: tenancy.required,
            }),
            dead_letters: DeadLetters {
                stream: catalog.dead_letters.stream.clone(),
                subject: catalog.dead_letters.subject.clone(),
            },
            streams: each(&catalog.streams, stream),
            domains: each(&catalog.domains, |domain| domain.stream.clone()),
            events: each(&catalog.events, |one| event(catalog, one)),
            services: each(&catalog.services, service),
        }
    }

    /// Subscriptions that receive a major version of an event, as service and subscription.
    pub fn consumers(&self, event: &str, major: u16) -> impl Iterator<Item = (&str, &str)> {
        let wanted = at_major(event, major);
        self.services.iter().flat_map(move |(service, content)| {
            let receives = content.subscriptions.iter();
            let wanted = wanted.clone();
            let receives = receives.filter(move |(_, one)| one.events.contains_key(&wanted));
            receives.map(move |(name, _)| (service.as_str(), name.as_str()))
        })
    }

    /// Services that publish a major version of an event.
    pub fn publishers(&self, event: &str, major: u16) -> impl Iterator<Item = &str> {
        let wanted = at_major(event, major);
        let services = self.services.iter();
        services
            .filter(move |(_, service)| service.publishes.contains_key(&wanted))
            .map(|(name, _)| name.as_str())
    }
}

/// `orders.order.created@2`
fn at_major(event: &str, major: u16) -> String {
    format!("{event}@{major}")
}

fn each<T, U>(from: &BTreeMap<String, T>, to: impl Fn(&T) -> U) -> BTreeMap<String, U> {
    from.iter().map(|(name, one)| (name.clone(), to(one))).collect()
}

fn stream(stream: &model::Stream) -> Stream {
    let limits = |limits: &model::StreamLimits| Limits {
        storage: match limits.storage {
            model::Storage::File => "file",
            model::Storage::Memory => "memory",
        }
        .to_owned(),
        max_age_ms: limits.max_age.map(milliseconds),
        max_bytes: limits.max_bytes,
        replicas: limits.replicas,
        duplicate_window_ms: milliseconds(limits.duplicate_window),
    };
    Stream {
        subjects: stream.subjects.clone(),
        partitions: stream.partitions,
        payloads: Payloads {
            compressed: stream.payloads.compress_above.is_some(),
            apart: stream.payloads.claim_check.is_some(),
        },
        limits: limits(&stream.limits),
        environments: each(&stream.environments, limits),
    }
}

fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn event(catalog: &Catalog, event: &model::Event) -> Event {
    let payload = |version: &model::Version| {
        let mut schema = json_schema::payload(catalog, version);
        annotations::remove(&mut schema);
        schema
    };
    Event {
        name: event.rust_name.clone(),
        subject: event.subject.template(),
        key: event.key.clone(),
        copies: event
            .majors()
            .into_keys()
            .filter_map(|major| Some((major, event.published_as(major).nth(1)?)))
            .collect(),
        encrypted: event
            .versions
            .iter()
            .map(|(id, version)| (*id, encrypted(catalog, event, version)))
            .filter(|(_, places)| !places.is_empty())
            .collect(),
        versions: event.versions.iter().map(|(id, version)| (*id, payload(version))).collect(),
    }
}

fn encrypted(
    catalog: &Catalog,
    event: &model::Event,
    version: &model::Version,
) -> BTreeMap<String, String> {
    let scope = model::Scope::version(catalog, version);
    let (places, _) = scope.encrypted(&version.payload, &event.encrypt);
    places.into_iter().map(|one| (one.pointer, one.erased.as_str().to_owned())).collect()
}

fn service(service: &model::Service) -> Service {
    let published =
        |one: &model::Published| (at_major(&one.event, one.major), one.method_name.clone());
    let received =
        |one: &model::Subscribed| (at_major(&one.event, one.major), one.method_name.clone());
    let subscription = |subscription: &model::Subscription| Subscription {
        durable: subscription.durable.clone(),
        stream: subscription.stream.clone(),
        start: match subscription.start {
            model::Start::All => "all",
            model::Start::New => "new",
        }
        .to_owned(),
        ordered_by_key: subscription.ordered_by_key,
        partitions: u16::try_from(subscription.partitions.len()).ok().filter(|count| *count > 0),
        events: subscription.events.iter().map(received).collect(),
    };
    Service {
        publishes: service.publishes.iter().map(published).collect(),
        subscriptions: each(&service.subscriptions, subscription),
    }
}

/// Versions as `2.0`.
mod versions {
    use std::collections::BTreeMap;

    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::{Serialize, Serializer};

    use crate::model::VersionId;

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        versions: &BTreeMap<VersionId, T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(versions.iter().map(|(id, one)| (id.to_string(), one)))
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<VersionId, T>, D::Error> {
        let versions: BTreeMap<String, T> = BTreeMap::deserialize(deserializer)?;
        let read = |(id, schema): (String, T)| match VersionId::parse(&id) {
            Some(id) => Ok((id, schema)),
            None => Err(D::Error::custom(format!("`{id}` is not a version such as `1.0`"))),
        };
        versions.into_iter().map(read).collect()
    }
}

use std::collections::BTreeSet;

use serde_json::Value;

use crate::broker::jetstream::{JetStream, Settings};
use crate::broker::{BucketStream, ConsumerSpec, Names};
use crate::catalog::{Catalog, Ownership, Start, SubscriptionSpec};
use crate::dead_letter;

/// The key in the metadata of what was made for a catalog; its value is the catalog's name, and `@` and its prefix where it has
/// one.
pub(super) const MARK: &str = "tidings.catalog";

/// What a server has to have for a catalog, by the names that it has on the server.
#[derive(Clone, Debug)]
pub(super) struct Desired {
    /// Whose it is.
    pub(super) catalog: String,
    pub(super) environment: String,
    pub(super) streams: Vec<WantedStream>,
    pub(super) consumers: Vec<WantedConsumer>,
    /// The buckets that services look after themselves, by their names in the catalog, and their streams.
    pub(super) buckets: Vec<(&'static str, String)>,
}

#[derive(Clone, Debug)]
pub(super) struct WantedStream {
    pub(super) name: String,
    pub(super) ownership: Ownership,
    pub(super) subjects: Vec<String>,
    /// All others.
    pub(super) settings: Settings,
    /// The subject on which events wait for their time; one of `subjects` where the server can do that.
    pub(super) schedules: String,
    /// Whether it is to take bulk loads, where the server can do that.
    pub(super) bulk: bool,
}

#[derive(Clone, Debug)]
pub(super) struct WantedConsumer {
    pub(super) stream: String,
    pub(super) name: String,
    pub(super) filters: Vec<String>,
    /// One that stands for all of `filters`, as servers before 2.12 need it.
    pub(super) covering: Option<String>,
    /// All others.
    pub(super) settings: Settings,
    pub(super) start: Start,
}

impl Desired {
    /// What this server has to have.
    pub(super) fn of(
        catalog: &Catalog,
        environment: &str,
        names: &Names,
        server: &JetStream,
    ) -> Self {
        let streams = catalog.streams.iter().chain([catalog.advisories]).map(|stream| {
            let stream = names.stream_spec(stream);
            let mut settings = server.wanted_stream(&stream, stream.limits_in(environment));
            WantedStream {
                name: stream.name.to_owned(),
                ownership: stream.ownership,
                subjects: texts(settings.remove("subjects").as_ref()),
                settings,
                schedules: crate::broker::schedule::filter(stream.name),
                bulk: stream.bulk,
            }
        });
        let buckets = catalog.payload_buckets.iter().map(|bucket| {
            let stream = names.bucket(&BucketStream::of_payloads(bucket, environment));
            let mut settings = server.wanted_bucket(&stream);
            WantedStream {
                name: stream.name.to_owned(),
                ownership: bucket.ownership,
                subjects: texts(settings.remove("subjects").as_ref()),
                settings,
                schedules: String::new(),
                bulk: false,
            }
        });
        let consumers = consumers(catalog).map(|consumer| {
            let consumer = names.consumer(consumer);
            let mut settings = server.wanted_consumer(&consumer);
            WantedConsumer {
                stream: consumer.stream.to_owned(),
                name: consumer.durable.to_owned(),
                filters: take_filters(&mut settings),
                covering: server.covering(consumer.filters),
                settings,
                start: consumer.start,
            }
        });
        Self {
            catalog: names.owner(catalog.name),
            environment: environment.to_owned(),
            streams: streams.chain(buckets).collect(),
            consumers: consumers.collect(),
            buckets: catalog
                .buckets
                .iter()
                .map(|bucket| (*bucket, names.stream(&format!("KV_{bucket}")).into_owned()))
                .collect(),
        }
    }

    /// Leaves nothing but the consumers of some services.
    pub(super) fn keep_only(&mut self, catalog: &Catalog, services: &BTreeSet<&str>) {
        let subscriptions = catalog.subscriptions.iter();
        let own: BTreeSet<&str> = subscriptions
            .filter(|subscription| services.contains(subscription.service))
            .flat_map(|subscription| consumers_of(subscription))
            .map(|consumer| consumer.durable)
            .collect();
        self.streams.clear();
        self.consumers.retain(|consumer| own.contains(consumer.name.as_str()));
    }

    pub(super) fn stream(&self, name: &str) -> Option<&WantedStream> {
        self.streams.iter().find(|stream| stream.name == name)
    }

    pub(super) fn consumer(&self, stream: &str, name: &str) -> Option<&WantedConsumer> {
        self.consumers.iter().find(|consumer| consumer.stream == stream && consumer.name == name)
    }

    /// Whether somebody else looks after the stream.
    pub(super) fn is_external(&self, stream: &str) -> bool {
        self.stream(stream).is_some_and(|stream| stream.ownership == Ownership::External)
    }
}

/// Every durable consumer of a catalog.
pub(super) fn consumers(catalog: &Catalog) -> impl Iterator<Item = ConsumerSpec> {
    let subscriptions = catalog.subscriptions.iter().flat_map(|one| consumers_of(one));
    subscriptions.chain([dead_letter::sweeper(catalog)])
}

fn consumers_of(subscription: &SubscriptionSpec) -> impl Iterator<Item = ConsumerSpec> + use<> {
    ConsumerSpec::live(subscription).chain([ConsumerSpec::redrive_of(subscription)])
}

/// The texts of a list, or of a text alone.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(texts)) => {
            texts.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        Some(Value::String(text)) if !text.is_empty() => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// A consumer's filters, of which one alone stands in a place of its own.
pub(super) fn filters(settings: &Settings) -> Vec<String> {
    let several = texts(settings.get("filter_subjects"));
    if several.is_empty() { texts(settings.get("filter_subject")) } else { several }
}

fn take_filters(settings: &mut Settings) -> Vec<String> {
    let filters = filters(settings);
    settings.remove("filter_subject");
    settings.remove("filter_subjects");
    filters
}

/// Writes a consumer's filters to their place.
pub(super) fn set_filters(settings: &mut Settings, filters: &[String]) {
    settings.remove("filter_subject");
    settings.remove("filter_subjects");
    match filters {
        [] => {}
        [one] => _ = settings.insert("filter_subject".to_owned(), one.as_str().into()),
        several => _ = settings.insert("filter_subjects".to_owned(), several.into()),
    }
}

/// The catalog for which something was made, as far as its metadata tell.
pub(super) fn mark(settings: &Settings) -> Option<&str> {
    settings.get("metadata")?.get(MARK)?.as_str()
}

/// Writes something into the metadata, or removes it.
pub(super) fn set_metadata(settings: &mut Settings, key: &str, value: Option<&str>) {
    let metadata = settings.entry("metadata").or_insert_with(|| Value::Object(Settings::new()));
    if let Value::Object(metadata) = metadata {
        match value {
            Some(value) => _ = metadata.insert(key.to_owned(), value.into()),
            None => _ = metadata.remove(key),
        }
    }
}

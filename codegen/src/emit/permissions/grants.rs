//! What the runtime asks of the server for each thing that it does. Where JetStream names what is meant in the payload of a
//! request instead of its subject, no permission can tell it apart: then the stream is what is granted.

use std::collections::BTreeSet;

use super::User;
use crate::model::Catalog;

/// The durable consumer of whoever makes dead letters of what the server gave up.
pub(super) const SWEEPER: &str = "sweeper";

/// Permissions while they are put together.
pub(super) struct Grants<'c> {
    catalog: &'c Catalog,
    publish: BTreeSet<String>,
    deny: BTreeSet<String>,
}

impl<'c> Grants<'c> {
    /// Everybody may ask for a sign of life.
    pub(super) fn new(catalog: &'c Catalog) -> Self {
        let mut grants = Self { catalog, publish: BTreeSet::new(), deny: BTreeSet::new() };
        grants.api("INFO");
        grants
    }

    pub(super) fn into_user(self, name: &str, about: String) -> User {
        let Self { publish, deny, .. } = self;
        let inbox_prefix = format!("_INBOX_{name}");
        User { name: name.to_owned(), about, inbox_prefix, publish, deny }
    }

    pub(super) fn publish(&mut self, subject: impl Into<String>) {
        self.publish.insert(subject.into());
    }

    pub(super) fn api(&mut self, method: &str) {
        self.publish(format!("$JS.API.{method}"));
    }

    /// A stream of all that the catalog has on a server.
    pub(super) fn of_stream(&mut self, stream: &str, methods: &[&str]) {
        for method in methods {
            self.api(&format!("STREAM.{method}.{stream}"));
        }
    }

    /// To be handed what a durable consumer reads, and to settle it.
    pub(super) fn consume(&mut self, stream: &str, durable: &str) {
        self.api(&format!("CONSUMER.MSG.NEXT.{stream}.{durable}"));
        self.api(&format!("CONSUMER.INFO.{stream}.{durable}"));
        self.publish(format!("$JS.ACK.{stream}.{durable}.>"));
        // With a domain and an account before the stream, as newer servers can write it.
        self.publish(format!("$JS.ACK.*.*.{stream}.{durable}.>"));
    }

    /// To read single messages of a stream, in a way that malformed headers cannot harm.
    pub(super) fn read_back(&mut self, stream: &str) {
        self.of_stream(stream, &["MSG.GET"]);
    }

    /// To read the events of aggregates.
    pub(super) fn load(&mut self, stream: &str) {
        self.read_back(stream);
        self.api(&format!("DIRECT.GET.{stream}"));
    }

    /// To read a stream through consumers of one's own, whose names are new each time: any but the catalog's durables.
    /// With one filter it stands in the subject of the request, and nothing else is readable by it.
    pub(super) fn read_anew(&mut self, stream: &str, filters: &BTreeSet<String>, own: &[&str]) {
        match filters.iter().collect::<Vec<_>>().as_slice() {
            [filter] => self.api(&format!("CONSUMER.CREATE.{stream}.*.{filter}")),
            _ => self.api(&format!("CONSUMER.CREATE.{stream}.>")),
        }
        for method in ["MSG.NEXT", "INFO", "DELETE"] {
            self.api(&format!("CONSUMER.{method}.{stream}.*"));
        }
        self.of_stream(stream, &["INFO"]);
        self.read_back(stream);
        for durable in self.durables(stream) {
            let mut deny = |method: &str| {
                self.deny.insert(format!("$JS.API.CONSUMER.{method}.{stream}.{durable}"));
            };
            deny("CREATE");
            deny("DELETE");
            if !own.contains(&durable.as_str()) {
                deny("MSG.NEXT");
                deny("INFO");
            }
            self.deny.insert(format!("$JS.API.CONSUMER.CREATE.{stream}.{durable}.>"));
        }
    }

    /// To see of all consumers of a stream how far they are.
    pub(super) fn watch(&mut self, stream: &str) {
        self.of_stream(stream, &["INFO"]);
        self.api(&format!("CONSUMER.LIST.{stream}"));
        self.api(&format!("CONSUMER.INFO.{stream}.*"));
        let prefix = format!("$JS.API.CONSUMER.INFO.{stream}.");
        self.deny.retain(|denied| !denied.starts_with(&prefix));
    }

    /// To fetch payloads that lie apart from the messages of a stream.
    pub(super) fn fetch_payloads(&mut self, stream: &str) {
        if let Some((bucket, _)) = self.bucket_of(stream) {
            self.read_back(&bucket);
        }
    }

    /// To put payloads aside, and to remove what belongs to no message.
    pub(super) fn leave_payloads(&mut self, stream: &str) {
        if let Some((bucket, subjects)) = self.bucket_of(stream) {
            self.read_back(&bucket);
            self.of_stream(&bucket, &["PURGE"]);
            subjects.into_iter().for_each(|subject| self.publish(subject));
        }
    }

    /// To keep keys and values.
    pub(super) fn keep(&mut self, bucket: &str) {
        self.publish(format!("$KV.{bucket}.>"));
        let stream = format!("KV_{bucket}");
        self.of_stream(&stream, &["INFO"]);
        self.read_back(&stream);
    }

    /// The stream of the bucket of a stream's payloads, and what it captures.
    fn bucket_of(&self, stream: &str) -> Option<(String, [String; 2])> {
        let mut buckets = self.catalog.payload_buckets();
        let (_, bucket) = buckets.find(|(of, _)| of.name == stream)?;
        Some((bucket.stream(), bucket.subjects()))
    }

    /// The catalog's durable consumers of a stream.
    fn durables(&self, stream: &str) -> Vec<String> {
        let dead_letters = &self.catalog.dead_letters;
        if stream == dead_letters.advisories() {
            return vec![SWEEPER.to_owned()];
        }
        let services = self.catalog.services.values();
        let all = services
            .flat_map(|service| service.subscriptions.values().map(move |one| (service, one)));
        let own = all.flat_map(|(service, subscription)| {
            let redrive = dead_letters.redrive_of(&service.name, subscription).0;
            let redrive = (stream == dead_letters.stream).then_some(redrive);
            let reads = subscription.stream == stream;
            let live = subscription.durables().filter(move |_| reads).map(str::to_owned);
            live.chain(redrive)
        });
        own.collect()
    }
}

//! What the runtime asks of the server for each thing that it does. Where JetStream names what is meant in the payload of a
//! request instead of its subject, no permission can tell it apart: then the stream is what is granted.

use std::collections::BTreeSet;

use tidings_payload::Prefix;

use super::User;
use crate::model::{Catalog, CoreSubjects};

/// The durable consumer of whoever makes dead letters of what the server gave up.
pub(super) const SWEEPER: &str = "sweeper";

/// Permissions while they are put together. What is granted is said with the names of the catalog.
pub(super) struct Grants<'c> {
    catalog: &'c Catalog,
    prefix: Option<&'c Prefix>,
    publish: BTreeSet<String>,
    deny: BTreeSet<String>,
    subscribe: BTreeSet<String>,
    answers: bool,
}

impl<'c> Grants<'c> {
    /// Everybody may ask for a sign of life.
    pub(super) fn new(catalog: &'c Catalog, prefix: Option<&'c Prefix>) -> Self {
        let none = BTreeSet::new;
        let (publish, deny, subscribe) = (none(), none(), none());
        let mut grants = Self { catalog, prefix, publish, deny, subscribe, answers: false };
        grants.api("INFO");
        grants
    }

    pub(super) fn into_user(self, name: &str, about: String) -> User {
        let Self { prefix, publish, deny, mut subscribe, answers, .. } = self;
        let name = prefix.map_or_else(|| name.to_owned(), |prefix| prefix.user(name));
        let inbox_prefix = format!("_INBOX_{name}");
        subscribe.insert(format!("{inbox_prefix}.>"));
        let prefix = prefix.cloned();
        User { name, about, prefix, inbox_prefix, publish, deny, subscribe, answers }
    }

    pub(super) fn publish(&mut self, subject: impl Into<String>) {
        let subject = self.subject(subject.into());
        self.publish.insert(subject);
    }

    /// What concerns no stream alone.
    pub(super) fn api(&mut self, method: &str) {
        self.publish.insert(format!("$JS.API.{method}"));
    }

    /// What concerns a stream of all that the catalog has on a server.
    pub(super) fn of_stream(&mut self, stream: &str, methods: &[&str]) {
        let stream = self.stream(stream);
        for method in methods {
            self.api(&format!("STREAM.{method}.{stream}"));
        }
    }

    /// What concerns consumers of a stream.
    pub(super) fn of_consumers(&mut self, stream: &str, names: &str, methods: &[&str]) {
        let stream = self.stream(stream);
        for method in methods {
            self.api(&format!("CONSUMER.{method}.{stream}.{names}"));
        }
    }

    /// To be handed what a durable consumer reads, and to settle it.
    pub(super) fn consume(&mut self, stream: &str, durable: &str) {
        self.of_consumers(stream, durable, &["MSG.NEXT", "INFO"]);
        let stream = self.stream(stream);
        self.publish.insert(format!("$JS.ACK.{stream}.{durable}.>"));
        // With a domain and an account before the stream, as newer servers can write it.
        self.publish.insert(format!("$JS.ACK.*.*.{stream}.{durable}.>"));
    }

    /// To read single messages of a stream, in a way that malformed headers cannot harm.
    pub(super) fn read_back(&mut self, stream: &str) {
        self.of_stream(stream, &["MSG.GET"]);
    }

    /// To read the events of aggregates.
    pub(super) fn load(&mut self, stream: &str) {
        self.read_back(stream);
        let stream = self.stream(stream);
        self.api(&format!("DIRECT.GET.{stream}"));
    }

    /// To read a stream through consumers of one's own, whose names are new each time: any but the catalog's durables.
    /// With one filter it stands in the subject of the request, and nothing else is readable by it.
    pub(super) fn read_anew(&mut self, stream: &str, filters: &BTreeSet<String>, own: &[&str]) {
        match filters.iter().collect::<Vec<_>>().as_slice() {
            [filter] => {
                let filter = self.subject((*filter).clone());
                self.of_consumers(stream, &format!("*.{filter}"), &["CREATE"]);
            }
            _ => self.of_consumers(stream, ">", &["CREATE"]),
        }
        self.of_consumers(stream, "*", &["MSG.NEXT", "INFO", "DELETE"]);
        self.of_stream(stream, &["INFO"]);
        self.read_back(stream);
        let durables = self.durables(stream);
        let stream = self.stream(stream);
        for durable in durables {
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
        self.of_consumers(stream, "*", &["INFO"]);
        let stream = self.stream(stream);
        self.api(&format!("CONSUMER.LIST.{stream}"));
        let info = format!("$JS.API.CONSUMER.INFO.{stream}.");
        self.deny.retain(|denied| !denied.starts_with(&info));
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

    /// To send, hear and answer what needs no stream.
    pub(super) fn talk(&mut self, core: &CoreSubjects) {
        core.publish.keys().for_each(|subject| self.publish(subject));
        for subject in core.subscribe.keys().chain(core.answer.keys()) {
            let subject = self.subject(subject.clone());
            self.subscribe.insert(subject);
        }
        self.answers |= !core.answer.is_empty();
    }

    /// To keep keys and values.
    pub(super) fn keep(&mut self, bucket: &str) {
        self.publish(format!("$KV.{bucket}.>"));
        let stream = format!("KV_{bucket}");
        self.of_stream(&stream, &["INFO"]);
        self.read_back(&stream);
    }

    /// What a stream is called on the server.
    fn stream(&self, name: &str) -> String {
        self.prefix.map_or_else(|| name.to_owned(), |prefix| prefix.stream(name))
    }

    fn subject(&self, subject: String) -> String {
        match self.prefix {
            Some(prefix) => prefix.subject(&subject),
            None => subject,
        }
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

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::{Places, Subscription};
use crate::source::Span;

/// How long a bucket remembers message ids: parts of one object are sent within it.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// A JetStream stream.
#[derive(Debug)]
pub struct Stream {
    /// Its name, or what it is derived from, in its file.
    pub span: Span,
    /// Its name.
    pub name: String,
    /// The domain that declares it; none for the dead letters' stream.
    pub domain: Option<String>,
    /// What it captures; sorted.
    pub subjects: Vec<String>,
    /// Into how many partitions events with a key are divided, if they are.
    pub partitions: Option<u16>,
    /// What becomes of large payloads of its events.
    pub payloads: Payloads,
    /// Whether it takes bulk loads, of which it remembers no ids.
    pub bulk: bool,
    /// Who creates and changes it.
    pub ownership: Ownership,
    /// Its limits where no environment says otherwise.
    pub limits: StreamLimits,
    /// Its limits by environment, for those that change any.
    pub environments: BTreeMap<String, StreamLimits>,
    /// Where its settings are written, by key; also where a default gives them. Those of an environment have its
    /// name before the key: `production/replicas`.
    pub places: Places,
}

impl Stream {
    /// The bucket of its large payloads, if it has one. What is in it lasts as long as anything may refer to it: a schedule,
    /// then the event, then its dead letter.
    pub fn payload_bucket(&self, dead_letters: &Self) -> Option<PayloadBucket> {
        self.payloads.claim_check?;
        let limits = |own: &StreamLimits, dead: &StreamLimits| {
            let lasting = own.max_age.zip(dead.max_age).map(|(own, dead)| 2 * own + dead);
            StreamLimits {
                storage: own.storage,
                max_age: lasting,
                max_bytes: self.payloads.max_bytes,
                replicas: own.replicas,
                duplicate_window: lasting.map_or(DUPLICATE_WINDOW, |age| DUPLICATE_WINDOW.min(age)),
            }
        };
        let base = limits(&self.limits, &dead_letters.limits);
        let named = self.environments.keys().chain(dead_letters.environments.keys());
        let within = |stream: &'_ Self, name: &str| {
            stream.environments.get(name).unwrap_or(&stream.limits).clone()
        };
        let environments = named
            .map(|name| (name.clone(), limits(&within(self, name), &within(dead_letters, name))))
            .filter(|(_, changed)| *changed != base)
            .collect();
        Some(PayloadBucket { name: format!("{}_payloads", self.name), limits: base, environments })
    }

    /// Its limits everywhere: where no environment says otherwise, then in each that changes any.
    pub(crate) fn everywhere(&self) -> impl Iterator<Item = LimitsIn<'_>> {
        let base = LimitsIn { stream: self, environment: None, limits: &self.limits };
        let environments = self.environments.iter().map(|(name, limits)| LimitsIn {
            stream: self,
            environment: Some(name),
            limits,
        });
        std::iter::once(base).chain(environments)
    }
}

/// The limits that a stream has in an environment, or where none says otherwise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LimitsIn<'s> {
    /// The stream.
    pub(crate) stream: &'s Stream,
    /// Its limits there.
    pub(crate) limits: &'s StreamLimits,
    environment: Option<&'s str>,
}

impl LimitsIn<'_> {
    /// Where the value that a key has there is written; none for a default.
    pub(crate) fn place(&self, key: &str) -> Option<Span> {
        let places = &self.stream.places;
        self.environment.map_or_else(
            || places.get(key),
            |environment| places.get(&Places::pointer(environment, key)),
        )
    }

    /// The same, unless it holds where no environment says otherwise too.
    pub(crate) fn own_place(&self, key: &str) -> Option<Span> {
        let shared = self.environment.and_then(|_| self.stream.places.get(key));
        self.place(key).filter(|place| Some(*place) != shared)
    }

    /// ` in ` and the environment, to end a sentence with; nothing without one.
    pub(crate) fn suffix(&self) -> String {
        self.environment.map_or_else(String::new, |name| format!(" in `{name}`"))
    }
}

/// What becomes of large payloads. Nothing, unless the catalog says so: who reads them must know how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Payloads {
    /// Bodies above so many bytes are compressed with zstd; none for never.
    pub compress_above: Option<u64>,
    /// When payloads lie apart from their messages; none for never.
    pub claim_check: Option<ClaimCheck>,
    /// What the bucket of large payloads may hold; none for no limit.
    pub max_bytes: Option<u64>,
}

/// When a payload lies in the Object Store instead of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimCheck {
    /// Where the message is larger; none for larger than the server takes.
    pub above: Option<u64>,
}

/// The bucket of a stream's large payloads.
#[derive(Debug)]
pub struct PayloadBucket {
    /// Its name.
    pub name: String,
    /// The limits of its stream where no environment says otherwise.
    pub limits: StreamLimits,
    /// Its limits by environment, for those that change any.
    pub environments: BTreeMap<String, StreamLimits>,
}

impl PayloadBucket {
    /// The stream below it.
    pub fn stream(&self) -> String {
        format!("OBJ_{}", self.name)
    }

    /// What that stream captures.
    pub fn subjects(&self) -> [String; 2] {
        ["C", "M"].map(|kind| format!("$O.{}.{kind}.>", self.name))
    }
}

/// What bounds a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamLimits {
    /// Where messages are kept.
    pub storage: Storage,
    /// Messages older than this are removed; none for no limit.
    pub max_age: Option<Duration>,
    /// The oldest messages are removed above this many bytes; none for no limit.
    pub max_bytes: Option<u64>,
    /// Copies over the cluster's servers.
    pub replicas: u8,
    /// How long the server remembers message ids.
    pub duplicate_window: Duration,
}

/// Who creates and changes a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ownership {
    /// The catalog.
    #[default]
    Managed,
    /// Somebody else.
    External,
}

/// Where a stream keeps its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// On disk.
    File,
    /// In memory: gone with the server.
    Memory,
}

/// Where failed deliveries go.
#[derive(Debug)]
pub struct DeadLetters {
    /// Name of the stream; it stands in [`Catalog::streams`](super::Catalog::streams) too.
    pub stream: String,
    /// First token of its subjects (`dlq`).
    pub subject: String,
}

impl DeadLetters {
    /// First token of the subjects on which dead letters go back to their subscriptions.
    pub fn redrive_subject(&self) -> String {
        format!("{}_redrive", self.subject)
    }

    /// Name of the stream that keeps what the server tells of deliveries that it gave up.
    pub fn advisories(&self) -> String {
        format!("{}_ADVISORIES", self.stream)
    }

    /// What that stream captures: the server's word of deliveries from these streams.
    pub fn advisories_of(&self, streams: &BTreeMap<String, Stream>) -> Vec<String> {
        let kinds = ["MAX_DELIVERIES", "MSG_TERMINATED"].into_iter();
        kinds
            .flat_map(|kind| {
                let of = move |name| format!("$JS.EVENT.ADVISORY.CONSUMER.{kind}.{name}.*");
                streams.keys().map(of)
            })
            .collect()
    }

    /// The durable consumer through which dead letters go back to a subscription, and what it reads.
    pub fn redrive_of(&self, service: &str, subscription: &Subscription) -> (String, String) {
        let Subscription { name, durable, .. } = subscription;
        (format!("{durable}-redrive"), format!("{}.{service}.{name}.>", self.redrive_subject()))
    }
}

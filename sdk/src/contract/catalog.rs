//! What the generated crate says about streams and consumers, as constants.

use std::time::Duration;

use serde_json::Value;

use crate::{Envelope, EventSpec, Service};

/// The topology of a whole catalog: what the broker needs before events can flow.
///
/// Generated as `event_catalog::CATALOG`; see [`Tidings::ensure`](crate::Tidings::ensure).
///
/// ```
/// use event_catalog::CATALOG;
///
/// let stream = CATALOG.stream("ORDERS_EVENTS").expect("it is in the catalog");
/// println!("{} takes {}", stream.name, stream.subjects.join(", "));
/// for event in CATALOG.events {
///     println!("{} {} is stored in {}", event.event_type, event.version, event.stream);
/// }
/// ```
///
/// What may be shown of an event whose type nobody knows before:
///
/// ```
/// use event_catalog::CATALOG;
/// use tidings::Arrival;
///
/// fn show(arrival: &Arrival, payload: &str) {
///     match CATALOG.shown(&arrival.envelope, payload) {
///         Some(shown) => println!("{shown}"), // without personal values
///         None => println!("an event that this catalog does not know"),
///     }
/// }
/// # let _ = show;
/// ```
#[derive(Debug)]
pub struct Catalog {
    /// The catalog's name.
    pub name: &'static str,
    /// Every stream, the dead letters' among them.
    pub streams: &'static [StreamSpec],
    /// Every event in each of its major versions.
    pub events: &'static [&'static EventSpec],
    /// Every subscription of every service.
    pub subscriptions: &'static [&'static SubscriptionSpec],
    /// The streams of the buckets that hold large payloads.
    pub payload_buckets: &'static [StreamSpec],
    /// The buckets of keys and values in which services keep data. With which settings is theirs to say:
    /// [`Tidings::ensure_bucket`](crate::Tidings::ensure_bucket).
    pub buckets: &'static [&'static str],
    /// Where failed deliveries go.
    pub dead_letters: DeadLetterSpec,
    /// What keeps the server's word of deliveries that it gave up; see [`Sweep`](crate::Sweep).
    pub advisories: &'static StreamSpec,
}

impl Catalog {
    /// The stream with this name.
    pub fn stream(&self, name: &str) -> Option<&'static StreamSpec> {
        self.streams.iter().find(|stream| stream.name == name)
    }

    /// What may be shown of a payload: with `<redacted>` in the place of each personal value. None where the catalog does not
    /// know all that may be in it: the event is of a type, a major or a newer minor version that it does not have, or the payload is
    /// no JSON object.
    pub fn shown(&self, envelope: &Envelope, payload: &str) -> Option<Value> {
        shown(self.events, envelope, payload)
    }
}

pub(crate) fn shown(
    events: &[&'static EventSpec],
    envelope: &Envelope,
    payload: &str,
) -> Option<Value> {
    let version = envelope.schema_version?;
    let known = events.iter().find(|spec| {
        spec.event_type == envelope.event_type
            && spec.version.major == version.major
            && spec.version.minor >= version.minor
    })?;
    let payload: Value = serde_json::from_str(payload).ok()?;
    // Whatever is no object is not what the catalog has marked.
    payload.is_object().then(|| known.redacted(payload))
}

/// A stream.
///
/// ```
/// use event_catalog::CATALOG;
///
/// let stream = CATALOG.stream("ORDERS_EVENTS").expect("it is in the catalog");
/// let (here, there) = (stream.limits_in("development"), stream.limits_in("production"));
/// assert!(here.replicas <= there.replicas);
/// ```
#[derive(Debug)]
pub struct StreamSpec {
    /// Its name.
    pub name: &'static str,
    /// What it captures.
    pub subjects: &'static [&'static str],
    /// Who looks after it.
    pub ownership: Ownership,
    /// Whether it takes [bulk loads](crate::Bulk).
    pub bulk: bool,
    /// Its limits where no environment says otherwise.
    pub limits: StreamLimits,
    /// Its limits in the environments that change any, by the environment's name.
    pub environments: &'static [(&'static str, StreamLimits)],
}

impl StreamSpec {
    /// The stream's limits in an environment; those without one, for a name that changes nothing.
    pub fn limits_in(&self, environment: &str) -> &StreamLimits {
        let overlay = self.environments.iter().find(|(name, _)| *name == environment);
        overlay.map_or(&self.limits, |(_, limits)| limits)
    }
}

/// What becomes of large payloads of a stream's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayloadSpec {
    /// Bodies of more bytes are compressed with zstd, where that makes them smaller.
    pub compress_above: Option<u64>,
    /// The payload of a message that has more bytes, or more than the server takes, lies in the Object Store.
    pub claim_check_above: Option<u64>,
}

impl PayloadSpec {
    /// Payloads are sent as they are.
    pub const AS_THEY_ARE: Self = Self { compress_above: None, claim_check_above: None };

    #[doc(hidden)]
    #[must_use]
    pub const fn compress_above(mut self, bytes: u64) -> Self {
        self.compress_above = Some(bytes);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn claim_check_above(mut self, bytes: u64) -> Self {
        self.claim_check_above = Some(bytes);
        self
    }

    /// Only what the server would not take.
    #[doc(hidden)]
    #[must_use]
    pub const fn claim_check(self) -> Self {
        self.claim_check_above(u64::MAX)
    }
}

/// Who creates and changes a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ownership {
    /// The catalog's own: it is brought to what the catalog says.
    #[default]
    Managed,
    /// Somebody else's: it is compared, and never touched. Consumers are created in it.
    External,
}

/// What bounds a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamLimits {
    /// Where messages are kept.
    pub storage: Storage,
    /// Messages older than this are removed.
    pub max_age: Option<Duration>,
    /// The oldest messages are removed above this many bytes.
    pub max_bytes: Option<u64>,
    /// Copies over the cluster's servers.
    pub replicas: u8,
    /// How long the server remembers message ids.
    pub duplicate_window: Duration,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadLetterSpec {
    /// The stream.
    pub stream: &'static str,
    /// First token of the subjects.
    pub subject: &'static str,
    /// First token of the subjects on which dead letters go back to their subscriptions.
    pub redrive_subject: &'static str,
}

/// A subscription of the catalog. Its generated module holds a marker type that implements this.
///
/// ```
/// use event_catalog::user_profile::welcome_mail;
/// use tidings::{Service as _, Subscription};
///
/// fn name<S: Subscription>() -> String {
///     format!("{} of {}", S::SPEC.name, S::Service::SPEC.name)
/// }
/// assert_eq!(name::<welcome_mail::Subscription>(), "welcome_mail of user_profile");
/// ```
pub trait Subscription: Send + Sync + 'static {
    /// The service that subscribes.
    type Service: Service;

    /// What the catalog says about it.
    const SPEC: &'static SubscriptionSpec;
}

/// One durable consumer and how its deliveries are handled.
#[derive(Debug)]
pub struct SubscriptionSpec {
    /// The service: `billing`.
    pub service: &'static str,
    /// Its name within the service: `invoicing`.
    pub name: &'static str,
    /// Name of the durable consumer: `billing-invoicing`.
    pub durable: &'static str,
    /// The stream that it reads.
    pub stream: &'static str,
    /// What it reads of it.
    pub filters: &'static [&'static str],
    /// One durable for each partition of the stream, where events are kept in order over all instances; the first is
    /// [`durable`](Self::durable). Empty for one durable alone.
    pub partitions: &'static [PartitionSpec],
    /// Deliveries handled at once, per instance.
    pub concurrency: usize,
    /// Whether events with one key are handled one after the other: within one instance, and over all of them where there
    /// are [`partitions`](Self::partitions).
    pub ordered_by_key: bool,
    /// How long the server waits for an acknowledgement or a sign of progress.
    pub ack_wait: Duration,
    /// How long a handler may run.
    pub handler_timeout: Duration,
    /// Unsettled deliveries over all instances.
    pub max_ack_pending: u32,
    /// Where a new durable begins.
    pub start: Start,
    /// Whether a payload that breaks constraints of its schema is a dead letter, instead of the handler's business.
    pub validate: bool,
    /// Whether each event is handled once: a run then needs an [`Inbox`](crate::Inbox).
    pub idempotent: bool,
    /// How long an inbox knows that an event was handled, where it is asked; for ever where nothing is said.
    pub inbox_retention: Option<Duration>,
    /// What happens after a failure.
    pub retry: RetrySpec,
    /// When fetching stops because everything fails, if ever.
    pub breaker: Option<BreakerSpec>,
    /// Where deliveries go that failed for good.
    pub dead_letters: DeadLetterSpec,
    /// Where they come back in.
    pub redrive: RedriveSpec,
}

/// The durable consumer of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionSpec {
    /// Its name: `billing-invoicing-p5`.
    pub durable: &'static str,
    /// What it reads of the stream.
    pub filters: &'static [&'static str],
}

/// The durable consumer through which dead letters go back to their subscription, on the stream of dead letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedriveSpec {
    /// Its name: `billing-invoicing-redrive`.
    pub durable: &'static str,
    /// What it reads.
    pub filters: &'static [&'static str],
}

/// Where a new durable begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With everything that the stream still holds.
    All,
    /// With what is published after it was created.
    New,
}

/// When a subscription stops fetching because one event after the other fails: what they need is out of order, and to go on
/// would spend their attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSpec {
    /// So many events that failed in a row; fewer are fetched at a time before.
    pub failures: u32,
    /// How long to stop before one event is tried. It doubles, up to a minute, while that fails.
    pub pause: Duration,
}

/// What happens after a failure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetrySpec {
    /// Deliveries before the event goes to the dead letters, the first included.
    pub attempts: u32,
    /// Delay before each further delivery; the last one repeats.
    pub backoff: &'static [Duration],
    /// Each delay varies by up to this share, 0 to 1.
    pub jitter: f64,
}

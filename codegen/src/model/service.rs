use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::model::{Break, EventId, Places};
use crate::source::Span;

/// A service: what it sends and what it receives.
#[derive(Debug)]
pub struct Service {
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
    /// Whether what it sends is checked against the constraints of its schema first.
    pub validate: bool,
    /// What it sends, in the order of the file.
    pub publishes: Vec<Published>,
    /// Whether it may publish events at a later time and take them back.
    pub schedules: bool,
    /// Whether it may read again what the streams of its subscriptions and aggregates hold.
    pub replays: bool,
    /// The key-value buckets that it keeps data in; sorted.
    pub buckets: BTreeSet<String>,
    /// What it sends and hears without a stream.
    pub core: CoreSubjects,
    /// What it receives, by name.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// Breaks that are acknowledged for it and its subscriptions.
    pub breaks: Vec<Break>,
}

/// Subjects that a service uses without a stream, each with its place in the file. They may have wildcards.
#[derive(Debug, Default)]
pub struct CoreSubjects {
    /// Where it sends to, or asks.
    pub publish: BTreeMap<String, Span>,
    /// What it listens to.
    pub subscribe: BTreeMap<String, Span>,
    /// Where it answers.
    pub answer: BTreeMap<String, Span>,
}

/// An event that a service may publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Where the service names it.
    pub span: Span,
    /// The event.
    pub event: EventId,
    /// The major version; the newest unless the file names one.
    pub major: u16,
    /// The publisher's method: `order_created`, or `order_created_v1` beside a newer one of the same publisher.
    pub method_name: String,
}

/// One durable consumer, one generated trait.
#[derive(Debug)]
pub struct Subscription {
    /// Its name in the service's file.
    pub span: Span,
    /// Its name: `invoicing`.
    pub name: String,
    /// Its Rust name: `Invoicing`.
    pub rust_name: String,
    /// A line for people.
    pub summary: Option<String>,
    /// Name of the durable consumer: `billing-invoicing`.
    pub durable: String,
    /// Name of the stream that it reads.
    pub stream: String,
    /// The consumer's filter subjects: without overlap, sorted.
    pub filters: Vec<String>,
    /// One durable consumer for each partition, where events are kept in order over all instances. The first is
    /// [`durable`](Self::durable) itself, which also reads what has no partition. Empty for one durable alone.
    pub partitions: Vec<Partition>,
    /// Events it receives, in the order of the file, patterns expanded.
    pub events: Vec<Subscribed>,
    /// Deliveries handled at once, per instance.
    pub concurrency: u32,
    /// Whether events with one key are handled one after the other.
    pub ordered_by_key: bool,
    /// How long the server waits for an acknowledgement or a sign of progress.
    pub ack_wait: Duration,
    /// How long a handler may run.
    pub handler_timeout: Duration,
    /// Unsettled deliveries over all instances.
    pub max_ack_pending: u32,
    /// Where a new durable begins.
    pub start: Start,
    /// Whether what it receives is checked against the constraints of its schema first.
    pub validate: bool,
    /// What happens after a failure.
    pub retry: Retry,
    /// When it stops fetching because everything fails, if ever.
    pub breaker: Option<Breaker>,
    /// Whether each event is handled once.
    pub idempotent: bool,
    /// How long it is known that an event was handled, where the catalog says so itself.
    pub retention: Option<Retention>,
    /// From where on an operator is told.
    pub alerts: Alerts,
    /// Where its settings are written, by key; also where a default gives them.
    pub places: Places,
}

impl Subscription {
    /// Its durable consumers on its stream: one, or one a partition.
    pub fn durables(&self) -> impl Iterator<Item = &str> {
        let alone = self.partitions.is_empty().then_some(self.durable.as_str());
        alone.into_iter().chain(self.partitions.iter().map(|one| one.durable.as_str()))
    }
}

/// The durable consumer of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its name: `billing-invoicing-p5`.
    pub durable: String,
    /// Its filter subjects, sorted.
    pub filters: Vec<String>,
}

/// An event that a subscription receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribed {
    /// Where the subscription names it or the pattern that matches it.
    pub span: Span,
    /// The event.
    pub event: EventId,
    /// The major version that the handler takes.
    pub major: u16,
    /// The trait's method: `order_created`, or `order_created_v1` beside a newer one in the same subscription.
    pub method_name: String,
}

/// Where a new durable begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With everything that the stream still holds.
    All,
    /// With what is published after it was created.
    New,
}

/// When a subscription stops fetching because one event after the other fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// So many events that failed in a row; at least 1.
    pub failures: u32,
    /// The first pause; it doubles while what is tried after it fails.
    pub pause: Duration,
}

/// How long it is known that an event was handled; for ever without a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention(pub Option<Duration>);

/// From where on an operator is told of a subscription; never where there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alerts {
    /// So many events wait to be handed out.
    pub lag: Option<u32>,
    /// The slowest twentieth of the handlers runs for so long.
    pub handler_p95: Option<Duration>,
}

/// What happens after a failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// Deliveries before the event goes to the dead letters, the first included; at least 1.
    pub attempts: u32,
    /// Delay before each further delivery; the last one repeats. Never empty.
    pub backoff: Vec<Duration>,
    /// Each delay varies by up to this share, 0 to 1.
    pub jitter: f64,
}

impl Retry {
    /// The longest time from the first attempt to the last, without that of the handlers.
    pub fn horizon(&self) -> Duration {
        let further = self.attempts.saturating_sub(1);
        let given = u32::try_from(self.backoff.len()).unwrap_or(u32::MAX).min(further);
        let delays: Duration = self.backoff.iter().take(given as usize).sum();
        let repeated = self.backoff.last().copied().unwrap_or_default();
        let all = delays.saturating_add(repeated.saturating_mul(further - given));
        Duration::try_from_secs_f64(all.as_secs_f64() * (1.0 + self.jitter))
            .unwrap_or(Duration::MAX)
    }
}

//! A service's file as written.

use std::time::Duration;

use super::breaks::BreakEntry;
use super::catalog::{AlertSettings, BreakerEntry, IdempotentEntry, RetryEntry};
use super::reader::{Entries, Placed, Spanned, record};
use super::scalar::{BucketName, Count, Name, Text};
use super::subject::{EventRef, Filter};
use crate::model::Start;

record! {
    /// A service: what it publishes, and what it subscribes to.
    ServiceFile = "a service's file" {
        required {
            /// The service's name, such as `billing`: also that of its Rust module.
            service: Spanned<Name>,
        }
        optional {
            /// One line about what it does.
            summary: Spanned<Text>,
            /// More about it, in Markdown.
            description: Spanned<Text>,
            /// The team that answers for it.
            owner: Spanned<Text>,
            /// Whether payloads are checked against their schemas before they are sent. The default is in `catalog.yaml`.
            validate: Spanned<bool>,
            /// The events that it publishes. `@1` names a major version; by default it is the newest.
            publishes: Spanned<Vec<Spanned<EventRef>>>,
            /// Whether it may publish events at a later time and take them back, as far as `tidings permissions` is concerned: who may
            /// do so can change whatever the streams of its events hold. The default is false.
            schedules: Spanned<bool>,
            /// Whether it may read again what the streams of its subscriptions and aggregates hold, as far as `tidings permissions` is
            /// concerned. The default is false.
            replays: Spanned<bool>,
            /// The key-value buckets in which it keeps its inbox, checkpoints and snapshots, for `tidings permissions`.
            buckets: Spanned<Vec<Spanned<BucketName>>>,
            /// What it sends and hears without a stream, on core NATS.
            core: CoreSettings,
            /// What it receives, by name: each is one durable consumer and one Rust trait.
            subscriptions: Entries<Name, SubscriptionEntry>,
            /// Breaks of what was released that are acknowledged.
            breaks: Spanned<Vec<BreakEntry>>,
        }
    }
}

record! {
    /// Subjects that a service uses without a stream, for `tidings permissions`. Wildcards stand for what varies:
    /// `billing.presence.*`.
    CoreSettings = "`core`" {
        optional {
            /// Subjects that it sends to, or asks on.
            publish: Spanned<Vec<Spanned<Filter>>>,
            /// Subjects that it listens to.
            subscribe: Spanned<Vec<Spanned<Filter>>>,
            /// Subjects on which it answers.
            answer: Spanned<Vec<Spanned<Filter>>>,
        }
    }
}

record! {
    /// A subscription: one durable consumer, `<service>-<subscription>`.
    SubscriptionEntry = "a subscription" {
        required {
            /// The events that it receives, as `orders.order.created@2`, or patterns, as `auth.user.*`. All are in one stream.
            events: Spanned<Vec<Spanned<EventRef>>>,
        }
        optional {
            /// One line about what it is for.
            summary: Spanned<Text>,
            /// Deliveries handled at once, per instance of the service.
            concurrency: Spanned<Count>,
            /// Whether events with one key are handled one after the other: within one instance, and over all of them where the
            /// stream has `partitions`.
            ordered_by_key: Spanned<bool>,
            /// How long the server waits for a sign of life before it delivers again.
            ack_wait: Spanned<Duration>,
            /// How long a handler may run. Signs of life are sent for it meanwhile.
            handler_timeout: Spanned<Duration>,
            /// Deliveries that may be unsettled over all instances.
            max_ack_pending: Spanned<Count>,
            /// Where a new durable begins: with `all` that the stream still holds, or with what is `new`.
            start: Spanned<Start>,
            /// Whether a payload that breaks its schema is a dead letter, instead of the handler's business. The default is in
            /// `catalog.yaml`.
            validate: Spanned<bool>,
            /// What happens after a handler failed.
            retry: RetryEntry,
            /// When fetching pauses because everything fails: `{ failures: 10, pause: 1s }`, or `off`.
            breaker: Placed<BreakerEntry>,
            /// Whether each event is handled once, although it may come again: its runs need an inbox. `{ retention: 30d }` says how
            /// long an event is known; by default as long as it can come again.
            idempotent: Placed<IdempotentEntry>,
            /// From where on the rules of `tidings dashboard` alert: `{ lag: 1000, handler_p95: 16s }`; `off` for never.
            alerts: AlertSettings,
        }
    }
}

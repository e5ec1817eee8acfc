//! `catalog.yaml` as written.

use std::time::Duration;

use super::breaks::BreakEntry;
use super::reader::{Decode, Entries, Placed, Spanned, record};
use super::scalar::{
    AlertAbove, CatalogName, ClaimThreshold, Count, Limit, Name, RuleName, Share, Size, Text,
    Threshold,
};
use crate::codes::Level;
use crate::diagnostic::Diagnostic;
use crate::model::{Ownership, Pii, Start, Storage};
use crate::yaml::Node;

record! {
    /// The catalog as a whole: its name, and what holds where nothing else is said.
    CatalogFile = "the catalog's file" {
        required {
            /// The catalog's name, such as `shop`. It is part of every event's `source`: `/shop/billing`.
            catalog: Spanned<CatalogName>,
        }
        optional {
            /// One line for people: the heading of the documentation.
            title: Spanned<Text>,
            /// More about it, in Markdown.
            description: Spanned<Text>,
            /// How events tell tenants apart: each carries the id of an organization.
            tenancy: TenancyEntry,
            /// What is done with the personal data that payloads mark with `x-pii`.
            personal_data: PersonalDataEntry,
            /// What holds for streams, subscriptions and retries where they say nothing else.
            defaults: Defaults,
            /// What differs from the defaults in an environment, by the value of `TIDINGS_ENV`: `production`.
            environments: Entries<Name, Environment>,
            /// The stream that keeps what could not be handled.
            dead_letters: DeadLettersEntry,
            /// Breaks of what was released that are acknowledged.
            breaks: Spanned<Vec<BreakEntry>>,
            /// How severe findings are, by a rule's code or name.
            rules: Entries<RuleName, Spanned<Level>>,
        }
    }
}

/// One of `rules`, whose level may not be understood.
pub(crate) type RuleSetting = (Spanned<RuleName>, Option<Spanned<Level>>);

record! {
    /// How events tell tenants apart.
    TenancyEntry = "`tenancy`" {
        required {
            /// What the tenant's id is called, such as `organization_id`.
            attribute: Spanned<Name>,
        }
        optional {
            /// Whether every event must carry it; `true` by default.
            required: Spanned<bool>,
        }
    }
}

record! {
    /// What is done with the personal data that payloads mark with `x-pii`.
    PersonalDataEntry = "`personal_data`" {
        optional {
            /// The kinds that are encrypted, with a key for each organization: `[direct, sensitive]`; `[]` for none, which is
            /// the default. What an event says holds for it instead of what the catalog says.
            encrypt: Spanned<Vec<Spanned<Pii>>>,
        }
    }
}

record! {
    /// What holds where nothing else is said.
    Defaults = "`defaults`" {
        optional {
            /// The limits of streams.
            stream: StreamSettings,
            /// What becomes of large payloads.
            payloads: PayloadSettings,
            /// How deliveries are handled.
            subscription: SubscriptionSettings,
            /// What happens after a handler failed.
            retry: RetryEntry,
            /// When payloads are checked against their schemas.
            validate: ValidateEntry,
        }
    }
}

record! {
    /// When payloads are checked against their schemas.
    ValidateEntry = "`validate`" {
        optional {
            /// Before they are sent: one that breaks its schema is an error. `true` by default.
            publish: Spanned<bool>,
            /// Before they are handled: one that breaks its schema is a dead letter. `false` by default.
            consume: Spanned<bool>,
        }
    }
}

record! {
    /// What differs from the defaults in one environment.
    Environment = "an environment" {
        optional {
            /// The limits of streams.
            stream: StreamSettings,
        }
    }
}

record! {
    /// A stream's limits.
    StreamSettings = "the limits of a stream" {
        optional {
            /// Where messages are kept: `file` (the default), or `memory`, which is gone with the server.
            storage: Spanned<Storage>,
            /// Messages older than this are removed; `7d` by default, or `unlimited`.
            max_age: Spanned<Limit<Duration>>,
            /// The oldest messages are removed above this size; `1GiB` by default, or `unlimited`.
            max_bytes: Spanned<Limit<Size>>,
            /// Copies over the cluster's servers: 1, 3 or 5; 1 by default.
            replicas: Spanned<u8>,
            /// How long the server remembers message ids, so that what is published twice is stored once; `2m` by default.
            duplicate_window: Spanned<Duration>,
        }
    }
}

record! {
    /// What becomes of large payloads.
    PayloadSettings = "`payloads`" {
        optional {
            /// Messages whose body is larger are compressed with zstd, where that makes them smaller; `off` by default, as
            /// clients of other makes must know how to read them.
            compress_above: Spanned<Threshold>,
            /// Payloads of larger messages lie in the Object Store, in a bucket of their stream, and the message says where;
            /// `max_payload` for those alone that the server would refuse. `off` by default.
            claim_check_above: Spanned<ClaimThreshold>,
            /// The bucket of large payloads refuses what would need more than this; `unlimited` by default.
            max_bytes: Spanned<Limit<Size>>,
        }
    }
}

record! {
    /// How deliveries are handled where a subscription says nothing else.
    SubscriptionSettings = "the defaults of subscriptions" {
        optional {
            /// Deliveries handled at once, per instance of the service; 16 by default.
            concurrency: Spanned<Count>,
            /// Whether events with one key are handled one after the other: within one instance, and over all of them where the
            /// stream has `partitions`; `false` by default.
            ordered_by_key: Spanned<bool>,
            /// How long the server waits for a sign of life before it delivers again; `30s` by default.
            ack_wait: Spanned<Duration>,
            /// How long a handler may run; `20s` by default. Signs of life are sent for it meanwhile.
            handler_timeout: Spanned<Duration>,
            /// Deliveries that may be unsettled over all instances; 4000 by default.
            max_ack_pending: Spanned<Count>,
            /// Where a new durable begins: with `all` that the stream still holds (the default), or with what is `new`.
            start: Spanned<Start>,
            /// When fetching pauses because everything fails: `{ failures: 10, pause: 1s }` by default, or `off`.
            breaker: Placed<BreakerEntry>,
            /// Whether each event is handled once, although it may come again: its runs need an inbox. `{ retention: 30d }` says how
            /// long an event is known; by default as long as it can come again; `false` by default.
            idempotent: Placed<IdempotentEntry>,
            /// From where on the rules of `tidings dashboard` alert: `{ lag: 1000, handler_p95: 16s }`.
            alerts: AlertSettings,
        }
    }
}

record! {
    /// From where on an operator is told of a subscription.
    AlertSettings = "`alerts`" {
        optional {
            /// Events that wait to be handed out; 1000 by default, or `off`.
            lag: Spanned<AlertAbove<Count>>,
            /// How long the slowest twentieth of the handlers runs; four fifths of `handler_timeout` by default, or `off`.
            handler_p95: Spanned<AlertAbove<Duration>>,
        }
    }
}

record! {
    /// That each event is handled once, and for how long that is known.
    IdempotentSettings = "`idempotent`" {
        optional {
            /// How long it is known that an event was handled, or `unlimited`; by default as long as it can come again: the `max_age`
            /// of its stream, and that of the dead letters after it.
            retention: Spanned<Limit<Duration>>,
        }
    }
}

/// `idempotent`: yes, no, or yes with settings.
#[derive(Clone, Debug)]
pub(crate) enum IdempotentEntry {
    Is(bool),
    With(IdempotentSettings),
}

impl Decode for IdempotentEntry {
    fn decode(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Self> {
        match node.text() {
            Some(_) => Spanned::<bool>::decode(node, found).map(|is| Self::Is(is.value)),
            None => IdempotentSettings::decode(node, found).map(Self::With),
        }
    }
}

record! {
    /// When a subscription stops fetching because one event after the other fails.
    BreakerSettings = "`breaker`" {
        optional {
            /// So many events that failed in a row stop it; 10 by default. It fetches fewer at a time before.
            failures: Spanned<Count>,
            /// How long it stops before one event is tried; `1s` by default. It doubles, up to a minute, while that fails.
            pause: Spanned<Duration>,
        }
    }
}

/// `breaker`: its settings, or the word that there is none.
#[derive(Clone, Debug)]
pub(crate) enum BreakerEntry {
    Off,
    On(BreakerSettings),
}

impl BreakerEntry {
    /// The word that there is none.
    pub(crate) const OFF: &str = "off";
}

impl Decode for BreakerEntry {
    fn decode(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Self> {
        match node.text() {
            Some(Self::OFF) => Some(Self::Off),
            _ => BreakerSettings::decode(node, found).map(Self::On),
        }
    }
}

record! {
    /// What happens after a handler failed.
    RetryEntry = "`retry`" {
        optional {
            /// Deliveries before an event goes to the dead letters, the first included; 4 by default. `1` turns retries off.
            attempts: Spanned<Count>,
            /// The delay before each further delivery, the last of which repeats; `[1s, 2s, 4s]` by default.
            backoff: Spanned<Vec<Spanned<Duration>>>,
            /// The share by which each delay is stretched or shortened at random; 0.2 by default.
            jitter: Spanned<Share>,
        }
    }
}

record! {
    /// The stream that keeps what could not be handled.
    DeadLettersEntry = "`dead_letters`" {
        optional {
            /// The stream's name; `DLQ_EVENTS` by default.
            stream: Spanned<Text>,
            /// The first token of the dead letters' subjects, `dlq.<service>.<subscription>.<event type>`; `dlq` by default.
            subject: Spanned<Name>,
            /// Who creates and changes the stream: the catalog (`managed`, the default), or somebody else (`external`).
            ownership: Spanned<Ownership>,
            /// Where messages are kept: `file`, or `memory`, which is gone with the server.
            storage: Spanned<Storage>,
            /// Messages older than this are removed; `30d` by default, or `unlimited`.
            max_age: Spanned<Limit<Duration>>,
            /// The oldest messages are removed above this size, or `unlimited`.
            max_bytes: Spanned<Limit<Size>>,
            /// Copies over the cluster's servers: 1, 3 or 5.
            replicas: Spanned<u8>,
            /// How long the server remembers message ids, so that what is published twice is stored once.
            duplicate_window: Spanned<Duration>,
        }
    }
}

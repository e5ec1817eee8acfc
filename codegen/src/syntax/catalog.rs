//! `catalog.yaml` as written.

use std::time::Duration;

use super::reader::{Entries, Spanned, record};
use super::scalar::{CatalogName, Count, Limit, Name, RuleName, Share, Size, Text};
use crate::codes::Level;
use crate::model::{Start, Storage};

record! {
    /// `catalog.yaml`.
    CatalogFile = "the catalog's file" {
        required {
            /// The catalog's name; part of every event's `source`.
            catalog: Spanned<CatalogName>,
        }
        optional {
            /// A line for people.
            title: Spanned<Text>,
            /// Markdown for people.
            description: Spanned<Text>,
            /// How events tell tenants apart.
            tenancy: TenancyEntry,
            /// What holds where nothing else is said.
            defaults: Defaults,
            /// What differs from the defaults, by the value of `TIDINGS_ENV`.
            environments: Entries<Name, Environment>,
            /// Where failed deliveries go.
            dead_letters: DeadLettersEntry,
            /// How severe findings are, by a rule's code or name.
            rules: Entries<RuleName, Spanned<Level>>,
        }
    }
}

/// One of `rules`, whose level may not be understood.
pub(crate) type RuleSetting = (Spanned<RuleName>, Option<Spanned<Level>>);

record! {
    /// `tenancy`.
    TenancyEntry = "`tenancy`" {
        required {
            /// What the tenant's id is called.
            attribute: Spanned<Name>,
        }
        optional {
            /// Whether every event must carry it; it must by default.
            required: Spanned<bool>,
        }
    }
}

record! {
    /// `defaults`.
    Defaults = "`defaults`" {
        optional {
            stream: StreamSettings,
            subscription: SubscriptionSettings,
            retry: RetryEntry,
        }
    }
}

record! {
    /// One of `environments`.
    Environment = "an environment" {
        optional {
            stream: StreamSettings,
        }
    }
}

record! {
    /// A stream's limits.
    StreamSettings = "the limits of a stream" {
        optional {
            /// `file` or `memory`.
            storage: Spanned<Storage>,
            /// Messages older than this are removed.
            max_age: Spanned<Limit<Duration>>,
            /// The oldest messages are removed above this size.
            max_bytes: Spanned<Limit<Size>>,
            /// Copies over the cluster's servers.
            replicas: Spanned<u8>,
            /// How long the server remembers message ids.
            duplicate_window: Spanned<Duration>,
        }
    }
}

record! {
    /// `defaults.subscription`.
    SubscriptionSettings = "the defaults of subscriptions" {
        optional {
            concurrency: Spanned<Count>,
            ordered_by_key: Spanned<bool>,
            ack_wait: Spanned<Duration>,
            handler_timeout: Spanned<Duration>,
            max_ack_pending: Spanned<Count>,
            start: Spanned<Start>,
        }
    }
}

record! {
    /// `retry`.
    RetryEntry = "`retry`" {
        optional {
            /// Deliveries, the first included.
            attempts: Spanned<Count>,
            /// Delay before each further delivery; the last repeats.
            backoff: Spanned<Vec<Spanned<Duration>>>,
            /// Share by which each delay varies.
            jitter: Spanned<Share>,
        }
    }
}

record! {
    /// `dead_letters`.
    DeadLettersEntry = "`dead_letters`" {
        optional {
            /// The stream's name.
            stream: Spanned<Text>,
            /// First token of the subjects.
            subject: Spanned<Name>,
            storage: Spanned<Storage>,
            max_age: Spanned<Limit<Duration>>,
            max_bytes: Spanned<Limit<Size>>,
            replicas: Spanned<u8>,
            duplicate_window: Spanned<Duration>,
        }
    }
}

//! A service's file as written.

use std::time::Duration;

use super::catalog::RetryEntry;
use super::reader::{Entries, Spanned, record};
use super::scalar::{Count, Name, Text};
use super::subject::EventRef;
use crate::model::Start;

record! {
    /// A file that begins with `service:`.
    ServiceFile = "a service's file" {
        required {
            /// Its name.
            service: Spanned<Name>,
        }
        optional {
            /// A line for people.
            summary: Spanned<Text>,
            /// Markdown for people.
            description: Spanned<Text>,
            /// The team.
            owner: Spanned<Text>,
            /// What it sends.
            publishes: Spanned<Vec<Spanned<EventRef>>>,
            /// What it receives, by name.
            subscriptions: Entries<Name, SubscriptionEntry>,
        }
    }
}

record! {
    /// One of `subscriptions`.
    SubscriptionEntry = "a subscription" {
        required {
            /// Events, or patterns.
            events: Spanned<Vec<Spanned<EventRef>>>,
        }
        optional {
            /// A line for people.
            summary: Spanned<Text>,
            /// Deliveries handled at once, per instance.
            concurrency: Spanned<Count>,
            /// Whether events with one key are handled one after the other.
            ordered_by_key: Spanned<bool>,
            /// How long the server waits for a sign of life.
            ack_wait: Spanned<Duration>,
            /// How long a handler may run.
            handler_timeout: Spanned<Duration>,
            /// Unsettled deliveries over all instances.
            max_ack_pending: Spanned<Count>,
            /// Where a new durable begins.
            start: Spanned<Start>,
            /// What happens after a failure.
            retry: RetryEntry,
        }
    }
}

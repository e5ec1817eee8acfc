//! A domain's file as written.

use std::time::Duration;

use super::reader::{Spanned, record};
use super::scalar::{Limit, Name, Size, Text};
use super::subject::Filter;
use crate::model::Storage;

record! {
    /// A file that begins with `domain:`.
    DomainFile = "a domain's file" {
        required {
            /// The first token of its events' types.
            domain: Spanned<Name>,
        }
        optional {
            /// A line for people.
            summary: Spanned<Text>,
            /// Markdown for people.
            description: Spanned<Text>,
            /// The team.
            owner: Spanned<Text>,
            /// The stream that stores its events.
            stream: StreamEntry,
        }
    }
}

record! {
    /// `stream` of a domain.
    StreamEntry = "`stream`" {
        optional {
            /// `<DOMAIN>_EVENTS` by default.
            name: Spanned<Text>,
            /// `[<domain>.>]` by default.
            subjects: Spanned<Vec<Spanned<Filter>>>,
            storage: Spanned<Storage>,
            max_age: Spanned<Limit<Duration>>,
            max_bytes: Spanned<Limit<Size>>,
            replicas: Spanned<u8>,
            duplicate_window: Spanned<Duration>,
        }
    }
}

//! A domain's file as written.

use std::time::Duration;

use super::breaks::BreakEntry;
use super::catalog::PayloadSettings;
use super::reader::{Entries, Spanned, record};
use super::scalar::{Limit, Name, PartitionCount, Size, Text};
use super::subject::Filter;
use crate::model::{Ownership, Storage};

record! {
    /// A domain: its owner, and the stream that stores its events.
    DomainFile = "a domain's file" {
        required {
            /// The domain's name, such as `orders`: the first token of its events' types and subjects.
            domain: Spanned<Name>,
        }
        optional {
            /// One line about it.
            summary: Spanned<Text>,
            /// More about it, in Markdown.
            description: Spanned<Text>,
            /// The team that answers for it.
            owner: Spanned<Text>,
            /// The stream that stores its events. What stands here holds in every environment.
            stream: StreamEntry,
            /// Things whose state is made of their events, by the second token of the events' types: `order` has
            /// `orders.order.created`, and all others that begin with `orders.order.`.
            aggregates: Entries<Name, AggregateEntry>,
            /// Breaks of what was released that are acknowledged.
            breaks: Spanned<Vec<BreakEntry>>,
        }
    }
}

record! {
    /// An aggregate: a thing whose state is made of its events.
    AggregateEntry = "an aggregate" {
        required {
            /// The property of its events that tells which one it is, such as `order_id`: it stands in their subjects
            /// (`orders.order.{order_id}.created`), and is their key.
            id: Spanned<Text>,
        }
        optional {
            /// One line about it.
            summary: Spanned<Text>,
        }
    }
}

record! {
    /// The stream that stores a domain's events.
    StreamEntry = "`stream`" {
        optional {
            /// Its name; `<DOMAIN>_EVENTS` by default.
            name: Spanned<Text>,
            /// The subjects that it captures; `[<domain>.>]` by default.
            subjects: Spanned<Vec<Spanned<Filter>>>,
            /// Into how many partitions events with a key are divided, each of them handled in order over all instances: up to
            /// 256. It becomes the last token of their subjects.
            partitions: Spanned<PartitionCount>,
            /// Who creates and changes it: the catalog (`managed`, the default), or somebody else (`external`). Then it is
            /// compared, and never touched; its consumers are created all the same.
            ownership: Spanned<Ownership>,
            /// Whether it takes bulk loads (`publisher.bulk()`), which are faster and do not find what is published twice; `false`
            /// by default. It takes nats-server 2.14 or newer.
            bulk: Spanned<bool>,
            /// Where messages are kept: `file`, or `memory`, which is gone with the server.
            storage: Spanned<Storage>,
            /// Messages older than this are removed, or `unlimited`.
            max_age: Spanned<Limit<Duration>>,
            /// The oldest messages are removed above this size, or `unlimited`.
            max_bytes: Spanned<Limit<Size>>,
            /// Copies over the cluster's servers: 1, 3 or 5.
            replicas: Spanned<u8>,
            /// How long the server remembers message ids, so that what is published twice is stored once.
            duplicate_window: Spanned<Duration>,
            /// What becomes of large payloads of its events.
            payloads: PayloadSettings,
        }
    }
}

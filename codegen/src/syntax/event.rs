//! An event's file as written.

use super::reader::{Entries, Spanned, record};
use super::scalar::{Date, Text, TypeName};
use super::subject::{EventType, Subject};
use crate::model::VersionId;
use crate::yaml::Node;

record! {
    /// A file that begins with `event:`.
    EventFile = "an event's file" {
        required {
            /// `domain.entity.action`.
            event: Spanned<EventType>,
            /// By number.
            versions: Entries<VersionId, VersionEntry>,
        }
        optional {
            /// A line for people.
            summary: Spanned<Text>,
            /// Markdown for people.
            description: Spanned<Text>,
            /// Its Rust name.
            name: Spanned<TypeName>,
            /// Where it is published; its type by default.
            subject: Spanned<Subject>,
            /// Property that tells which events must stay in order.
            key: Spanned<Text>,
        }
    }
}

record! {
    /// One of `versions`.
    VersionEntry = "a version" {
        required {
            /// JSON Schema, read once every type's file is known.
            payload: Node,
        }
        optional {
            /// What is new in it.
            summary: Spanned<Text>,
            /// Why and since when it should not be used.
            deprecated: DeprecationEntry,
            /// Payloads.
            examples: Spanned<Vec<Node>>,
        }
    }
}

record! {
    /// `deprecated`.
    DeprecationEntry = "`deprecated`" {
        optional {
            since: Spanned<Date>,
            r#use: Spanned<VersionId>,
            because: Spanned<Text>,
        }
    }
}

//! An event's file as written.

use super::breaks::BreakEntry;
use super::catalog::PersonalDataEntry;
use super::conversion::{DowncastEntry, UpcastEntry};
use super::reader::{Decode, Entries, Placed, Spanned, record};
use super::scalar::{Date, Text, TypeName};
use super::subject::{EventType, Subject};
use crate::diagnostic::Diagnostic;
use crate::model::VersionId;
use crate::yaml::Node;

record! {
    /// An event: what happened, where it is published, and its payload in each version.
    EventFile = "an event's file" {
        required {
            /// The event's type: `domain.entity.action` in snake_case, the action in the past tense, such as
            /// `orders.order.created`. It is the CloudEvents `type` and never changes.
            event: Spanned<EventType>,
            /// The payload in each version, by its number: `1.0`.
            ///
            /// A minor version only adds. A major one may break, and has a Rust struct of its own.
            versions: Entries<VersionId, VersionEntry>,
        }
        optional {
            /// One line about what happened. It appears in the documentation and above the Rust type.
            summary: Spanned<Text>,
            /// More about it, in Markdown.
            description: Spanned<Text>,
            /// The Rust type's name. By default made of the event's type, without the domain: `OrderCreated`.
            name: Spanned<TypeName>,
            /// The NATS subject; by default the event's type. `{property}` stands for a required string or integer of
            /// the payload: `orders.{region}.order.created`.
            subject: Spanned<Subject>,
            /// The property that tells which events must stay in order, such as `order_id`.
            key: Spanned<Text>,
            /// What is done with the personal data of its payloads, instead of what the catalog says for all.
            personal_data: PersonalDataEntry,
            /// Breaks of what was released that are acknowledged.
            breaks: Spanned<Vec<BreakEntry>>,
        }
    }
}

record! {
    /// One version of an event.
    VersionEntry = "a version" {
        required {
            /// What the event carries: a JSON Schema of `type: object`.
            payload: SchemaNode,
        }
        optional {
            /// One line about what is new in this version.
            summary: Spanned<Text>,
            /// This version should no longer be used: since when, what to use instead, and why.
            deprecated: DeprecationEntry,
            /// Payloads as they look on the wire. They are checked against the schema, shown in the documentation and
            /// used in tests.
            examples: Spanned<Vec<Node>>,
            /// How events of the major version before it are brought to this one: `{ from: 1.0, … }`, or `none` where
            /// they cannot be; then they go to the dead letters.
            upcast: Placed<UpcastEntry>,
            /// An older version in which its events are published too, for those who have not moved yet.
            also_publish: Placed<DowncastEntry>,
            /// Breaks of what was released that are acknowledged.
            breaks: Spanned<Vec<BreakEntry>>,
        }
    }
}

record! {
    /// Why a version should no longer be used.
    DeprecationEntry = "`deprecated`" {
        optional {
            /// The day since when, such as `2026-01-15`.
            since: Spanned<Date>,
            /// The version to use instead.
            r#use: Spanned<VersionId>,
            /// The reason, in a few words.
            because: Spanned<Text>,
        }
    }
}

/// A JSON Schema, read once every type's file is known.
#[derive(Clone, Debug)]
pub(crate) struct SchemaNode(pub(crate) Node);

impl Decode for SchemaNode {
    fn decode(node: &Node, _: &mut Vec<Diagnostic>) -> Option<Self> {
        Some(Self(node.clone()))
    }
}

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Break, Downcast, Link, Pii, Places, Schema, SharedType, Tenancy, Upcast};
use crate::source::Span;

/// An event's type: `orders.order.created`.
pub type EventId = String;

/// An event with all its versions.
#[derive(Debug)]
pub struct Event {
    /// Its type in its file.
    pub span: Span,
    /// Its type: `orders.order.created`.
    pub id: EventId,
    /// First token of the type.
    pub domain: String,
    /// Its Rust name: `OrderCreated`.
    pub rust_name: String,
    /// The same in snake case: `order_created`.
    pub method_name: String,
    /// A line for people.
    pub summary: Option<String>,
    /// Markdown for people.
    pub description: Option<String>,
    /// Where it is published.
    pub subject: SubjectTemplate,
    /// Property that tells which events must stay in order.
    pub key: Option<String>,
    /// Into how many partitions its stream divides it; none without a key.
    pub partitions: Option<u16>,
    /// Every version; never empty.
    pub versions: BTreeMap<VersionId, Version>,
    /// The kinds of personal data that are encrypted in its payloads.
    pub encrypt: BTreeSet<Pii>,
    /// Breaks that are acknowledged for it and its versions.
    pub breaks: Vec<Break>,
    /// Where `name`, `subject`, `key` and `encrypt` are written; the last also where the catalog says it for all.
    pub places: Places,
}

impl Event {
    /// What matches every subject that it is stored under: its own, and where it is divided, that with the partition behind.
    pub fn filters(&self) -> impl Iterator<Item = String> {
        self.filters_for(None)
    }

    /// The same for the events of one organization, as far as their subjects tell.
    pub fn filters_for(
        &self,
        organization: Option<(&Tenancy, &str)>,
    ) -> impl Iterator<Item = String> {
        let own = self.subject.join(|property| match organization {
            Some((tenancy, id)) if tenancy.attribute == property => id.to_owned(),
            _ => "*".to_owned(),
        });
        let divided = self.partitions.map(|_| format!("{own}.*"));
        std::iter::once(own).chain(divided)
    }

    /// The newest minor version of each major one, oldest first: what becomes a struct.
    pub fn majors(&self) -> BTreeMap<u16, &Version> {
        self.versions.values().map(|version| (version.id.major, version)).collect()
    }

    /// The link that leads to a major version from the one before it.
    pub fn link(&self, major: u16) -> Option<&Link> {
        match self.upcast(major)? {
            Upcast::Link(link) => Some(link),
            Upcast::None { .. } => None,
        }
    }

    /// What a major version says of the events of the one before it.
    pub fn upcast(&self, major: u16) -> Option<&Upcast> {
        self.of_major(major).find_map(|version| version.upcast.as_ref())
    }

    /// The older version in which events of a major version are published too.
    pub fn downcast(&self, major: u16) -> Option<&Downcast> {
        self.of_major(major).find_map(|version| version.also_publish.as_ref())
    }

    /// The major versions in which a fact is published: that of its publisher, then the older ones beside it.
    pub fn published_as(&self, major: u16) -> impl Iterator<Item = u16> {
        let copy = |major: &u16| {
            // One that leads elsewhere is a mistake, which is reported where it was made.
            self.downcast(*major).map(|downcast| downcast.major).filter(|older| older < major)
        };
        std::iter::successors(Some(major), copy)
    }

    /// The minor versions of a major one, oldest first.
    pub fn of_major(&self, major: u16) -> impl Iterator<Item = &Version> {
        self.versions.values().filter(move |version| version.id.major == major)
    }

    /// The older major versions whose events can be brought to this one, newest first.
    pub fn reached_from(&self, major: u16) -> impl Iterator<Item = u16> {
        let before = |major: u16| self.link(major).map(|link| link.from.major);
        std::iter::successors(before(major), move |major| before(*major))
    }

    /// The newest version.
    pub fn newest(&self) -> &Version {
        self.versions.values().next_back().expect("resolve gives every event a version")
    }
}

/// `2.0`. Orders as versions do: 1.9 before 1.10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionId {
    /// Changes break readers or writers.
    pub major: u16,
    /// Changes only add.
    pub minor: u16,
}

impl VersionId {
    /// Reads `2.0`: a major from 1, a minor from 0, neither with zeros before it.
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        let digits = |part: &str| {
            let canonical = part == "0" || !part.starts_with('0');
            let all = part.bytes().all(|b| b.is_ascii_digit());
            (canonical && all).then(|| part.parse().ok()).flatten()
        };
        Some(Self { major: digits(major).filter(|major| *major > 0)?, minor: digits(minor)? })
    }
}

impl std::fmt::Display for VersionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// One version of an event.
#[derive(Debug)]
pub struct Version {
    /// Its number in its file.
    pub span: Span,
    /// Its number.
    pub id: VersionId,
    /// What is new in it.
    pub summary: Option<String>,
    /// Set once it should not be used any more.
    pub deprecated: Option<Deprecation>,
    /// What it carries; always an object.
    pub payload: Schema,
    /// The payload's `$defs`, in the order of the file.
    pub definitions: Vec<SharedType>,
    /// Payloads to show and to test with.
    pub examples: Vec<Example>,
    /// What becomes of events of the major version before it. One minor version of a major one says it for all.
    pub upcast: Option<Upcast>,
    /// The older version in which its events are published too; said as `upcast` is.
    pub also_publish: Option<Downcast>,
    /// Breaks that are acknowledged for it.
    pub breaks: Vec<Break>,
}

/// Why and since when a version should not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deprecation {
    /// A date (`2026-01-15`).
    pub since: Option<String>,
    /// The version to use instead.
    pub instead: Option<VersionId>,
    /// The reason.
    pub because: Option<String>,
}

/// A payload to show and to test with.
#[derive(Clone, Debug)]
pub struct Example {
    /// Where it is written.
    pub span: Span,
    /// The payload.
    pub value: serde_json::Value,
    /// Where its parts are written, by JSON pointer.
    pub places: Places,
}

/// A subject, some tokens of which come from the payload: `inventory.{warehouse}.stock.allocated`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectTemplate {
    /// Where it is written: the event's type where it is not given.
    pub span: Span,
    /// What stands between the dots.
    pub tokens: Vec<SubjectToken>,
}

/// One token of a [`SubjectTemplate`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectToken {
    /// Written as it is.
    Literal(String),
    /// Filled from this required property of the payload.
    Property(String),
}

impl SubjectTemplate {
    /// As it is written in the catalog: `inventory.{warehouse}.stock.allocated`.
    pub fn template(&self) -> String {
        self.join(|property| format!("{{{property}}}"))
    }

    /// The subject that matches every event of it: `inventory.*.stock.allocated`.
    pub fn filter(&self) -> String {
        self.join(|_| "*".to_owned())
    }

    /// Names of the properties in it, in order.
    pub fn properties(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter_map(|token| match token {
            SubjectToken::Property(name) => Some(name.as_str()),
            SubjectToken::Literal(_) => None,
        })
    }

    /// Which of the tokens a property fills, counted from 0.
    pub fn position(&self, property: &str) -> Option<usize> {
        let filled = |token: &SubjectToken| matches!(token, SubjectToken::Property(name) if name == property);
        self.tokens.iter().position(filled)
    }

    fn join(&self, property: impl Fn(&str) -> String) -> String {
        let tokens: Vec<String> = self
            .tokens
            .iter()
            .map(|token| match token {
                SubjectToken::Literal(text) => text.clone(),
                SubjectToken::Property(name) => property(name),
            })
            .collect();
        tokens.join(".")
    }
}

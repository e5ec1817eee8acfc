//! What is different between two catalogs, as data.

use super::rule::{Hurts, Rule};
use crate::model::VersionId;

/// One difference.
#[derive(Clone, Debug)]
pub struct Change {
    /// The rule that it breaks; none where it hurts nobody.
    pub rule: Option<&'static Rule>,
    /// Whom it hurts. Mostly what the rule says; a change in both directions hurts both.
    pub hurts: Hurts,
    /// What it belongs to.
    pub part: Part,
    /// Where in the part: a JSON pointer into the payload, or the name of a setting; may be empty.
    pub at: String,
    /// What is different, in one line, without a full stop.
    pub text: String,
}

/// What a change belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The catalog itself.
    Catalog,
    /// A domain.
    Domain(String),
    /// A stream.
    Stream(String),
    /// An event.
    Event(String),
    /// A version of an event.
    Version(String, VersionId),
    /// A service.
    Service(String),
    /// A subscription of a service.
    Subscription(String, String),
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Catalog => f.write_str("the catalog"),
            Self::Domain(name) => write!(f, "the domain `{name}`"),
            Self::Stream(name) => write!(f, "the stream `{name}`"),
            Self::Event(id) => write!(f, "`{id}`"),
            Self::Version(id, version) => write!(f, "`{id}` {version}"),
            Self::Service(name) => write!(f, "the service `{name}`"),
            Self::Subscription(service, name) => write!(f, "`{name}` of `{service}`"),
        }
    }
}

/// Collects the changes of one part.
#[derive(Debug, Default)]
pub(super) struct Changes(pub(super) Vec<Change>);

impl Changes {
    /// A break of a rule.
    pub(super) fn breaks(&mut self, rule: &'static Rule, part: Part, at: &str, text: String) {
        self.0.push(Change { rule: Some(rule), hurts: rule.hurts, part, at: at.to_owned(), text });
    }

    /// A difference that hurts nobody.
    pub(super) fn note(&mut self, part: Part, at: &str, text: String) {
        self.0.push(Change { rule: None, hurts: Hurts::NOBODY, part, at: at.to_owned(), text });
    }
}

//! What a rule of the compatibility law is.

use super::change::Changes;
use super::snapshot::Snapshot;
use crate::codes::Code;

/// A rule: what may not change in what was released, and why.
#[derive(Debug)]
pub struct Rule {
    /// Its code, name, severity and explanation.
    pub code: Code,
    /// What the change is about.
    pub tier: Tier,
    /// Whom it hurts.
    pub hurts: Hurts,
    /// How it is found.
    pub(super) check: Check,
}

/// What a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// What is on the wire.
    Wire,
    /// The generated Rust API.
    Source,
    /// Subjects, streams, durables.
    Topology,
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Wire => "wire",
            Self::Source => "source",
            Self::Topology => "topology",
        })
    }
}

/// Whom a change hurts, and so which side has to be deployed first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hurts {
    /// Readers built before the change, when they meet what is written after it. Deploy readers first.
    pub readers: bool,
    /// What was written before the change, stored or sent by services built before it, when it is read after it.
    /// Deploy writers first; nothing helps what is stored.
    pub history: bool,
}

impl Hurts {
    /// Nobody.
    pub const NOBODY: Self = Self { readers: false, history: false };
    /// Readers built before the change.
    pub const READERS: Self = Self { readers: true, history: false };
    /// What was written before the change.
    pub const HISTORY: Self = Self { readers: false, history: true };
    /// Both.
    pub const BOTH: Self = Self { readers: true, history: true };

    /// Whom either hurts.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { readers: self.readers || other.readers, history: self.history || other.history }
    }

    /// The same change made the other way round.
    #[must_use]
    pub(super) fn reversed(self) -> Self {
        Self { readers: self.history, history: self.readers }
    }
}

impl std::fmt::Display for Hurts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match (self.readers, self.history) {
            (true, true) => "old readers and old events",
            (true, false) => "old readers",
            (false, true) => "old events",
            (false, false) => "nobody",
        })
    }
}

/// How a rule is found.
#[derive(Debug)]
pub(super) enum Check {
    /// By the comparison of payloads, which reports it.
    Payloads,
    /// By a function of its own, from two whole catalogs.
    Catalogs(fn(before: &Snapshot, after: &Snapshot, changes: &mut Changes)),
}

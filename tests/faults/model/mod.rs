//! What must be so after a run, whatever has happened in it.

mod evidence;
mod handling;
mod order;
mod publishing;
#[cfg(test)]
mod tests;

use std::fmt::{self, Display};

pub(crate) use evidence::{Evidence, Publication};

use crate::events::Mix;

/// Something that must not be so.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Violation {
    /// The promise that is broken, the same for all of a kind.
    pub(crate) rule: &'static str,
    /// Whose it is: an event's id, mostly.
    pub(crate) subject: String,
    pub(crate) detail: String,
}

impl Violation {
    pub(crate) fn new(rule: &'static str, subject: impl Display, detail: impl Display) -> Self {
        Self { rule, subject: subject.to_string(), detail: detail.to_string() }
    }
}

impl Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.rule, self.subject, self.detail)
    }
}

/// Every violation there is.
pub(crate) fn judge(evidence: &Evidence, mix: &Mix) -> Vec<Violation> {
    let mut violations = publishing::judge(evidence);
    violations.extend(handling::judge(evidence, mix));
    violations.extend(order::judge(evidence));
    violations
}

//! The schemas are too complex to compare.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T637",
        name: "too-complex",
        level: Level::Error,
        configurable: true,
        explanation: "The comparison was given up after twenty thousand steps, so nothing can be promised. Write a new version instead of changing this one.",
        fixtures: Fixtures::Unknown,
    },
    tier: Tier::Wire,
    hurts: Hurts::BOTH,
    check: Check::Payloads,
};

//! A condition is another one.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T634",
        name: "condition-changed",
        level: Level::Error,
        configurable: true,
        explanation: "Two conditions of `if`, `contains` or `not` cannot be compared in general, so any change counts as a break in both directions. Write a new version, or acknowledge the break if you know better.",
        fixtures: Fixtures::Payloads {
            released: "{ if: { required: [a] }, then: { required: [b] } }",
            failing: "{ if: { required: [a] }, then: { required: [c] } }",
            passing: "{ if: { required: [a] }, then: { required: [b] }, title: Pair }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::BOTH,
    check: Check::Payloads,
};

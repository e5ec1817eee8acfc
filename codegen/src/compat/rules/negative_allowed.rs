//! A number that was never negative may be.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T622",
        name: "negative-allowed",
        level: Level::Error,
        configurable: true,
        explanation: "The generated type was `u64` and becomes `i64`: readers built before the change cannot decode a negative number.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { count: { type: integer, minimum: 0 } } }",
            failing: "{ properties: { count: { type: integer } } }",
            passing: "{ properties: { count: { type: integer, minimum: 0 } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

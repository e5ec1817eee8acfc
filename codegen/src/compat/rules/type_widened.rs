//! More types are allowed.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T608",
        name: "type-widened",
        level: Level::Error,
        configurable: true,
        explanation: "Readers built before the change meet values of a type that they cannot read: an `i64` does not hold `0.5`.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { total: { type: integer } } }",
            failing: "{ properties: { total: { type: number } } }",
            passing: "{ properties: { total: { type: integer, description: In cents. } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

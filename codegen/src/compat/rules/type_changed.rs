//! A value is of another type.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T606",
        name: "type-changed",
        level: Level::Error,
        configurable: true,
        explanation: "Readers built before the change cannot read new values, and those built after it cannot read old ones. Add a property of another name beside this one, or a major version.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { total: { type: number } } }",
            failing: "{ properties: { total: { type: string } } }",
            passing: "{ properties: { total: { type: number }, total_text: { type: string } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::BOTH,
    check: Check::Payloads,
};

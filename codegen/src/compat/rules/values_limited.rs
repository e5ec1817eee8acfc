//! Only listed values are allowed any more.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T613",
        name: "values-limited",
        level: Level::Error,
        configurable: true,
        explanation: "Events written before the change may hold any other value.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { zone: { type: string } } }",
            failing: "{ properties: { zone: { type: string, enum: [red, green] } } }",
            passing: "{ properties: { zone: { type: string, examples: [red, green] } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

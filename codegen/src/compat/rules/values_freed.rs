//! Values are no longer limited to a list.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T614",
        name: "values-freed",
        level: Level::Error,
        configurable: true,
        explanation: "Readers built before the change know only the values of the list.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { zone: { type: string, enum: [red, green] } } }",
            failing: "{ properties: { zone: { type: string } } }",
            passing: "{ properties: { zone: { enum: [red, green] } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

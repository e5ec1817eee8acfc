//! A new value is listed.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T612",
        name: "value-added",
        level: Level::Error,
        configurable: true,
        explanation: "Readers built before the change know only the values of their list: the generated enum has no variant for another one. Deploy the readers first and acknowledge the break, or add a major version.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { zone: { enum: [red, green] } } }",
            failing: "{ properties: { zone: { enum: [red, green, blue] } } }",
            passing: "{ properties: { zone: { enum: [green, red] } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

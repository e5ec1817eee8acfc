//! A listed value is gone.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T611",
        name: "value-removed",
        level: Level::Error,
        configurable: true,
        explanation: "Events written before the change may hold the value. Keep it in the list and say in the description that it is not used any more.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { zone: { enum: [red, green] } } }",
            failing: "{ properties: { zone: { enum: [red] } } }",
            passing: "{ properties: { zone: { enum: [green, red] } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

//! A condition is new.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T632",
        name: "condition-added",
        level: Level::Error,
        configurable: true,
        explanation: "`not`, `if`, `contains`, `dependentRequired` and their like rule out values that were written before the change.",
        fixtures: Fixtures::Payloads {
            released: "{ not: { type: number } }",
            failing: "{ not: { type: [number, string] } }",
            passing: "{ not: { type: integer } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

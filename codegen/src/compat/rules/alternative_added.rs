//! A union has a new alternative.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T626",
        name: "alternative-added",
        level: Level::Error,
        configurable: true,
        explanation: "Readers built before the change have no variant for it. Deploy the readers first and acknowledge the break, or add a major version.",
        fixtures: Fixtures::Payloads {
            released: "{ anyOf: [{ type: string }, { type: integer }] }",
            failing: "{ anyOf: [{ type: string }, { type: integer }, { type: boolean }] }",
            passing: "{ type: [integer, string] }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

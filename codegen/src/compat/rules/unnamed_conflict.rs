//! A property is not what properties of any name have to be.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T629",
        name: "unnamed-conflict",
        level: Level::Error,
        configurable: true,
        explanation: "Where `additionalProperties` has a schema, or `patternProperties` matches, a property of this name was allowed before it was declared, or still is after it was removed. Its values must meet both.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: {}, additionalProperties: { type: string } }",
            failing: "{ properties: { total: { type: number } }, additionalProperties: { type: string } }",
            passing: "{ properties: { total: { type: string } }, additionalProperties: { type: string } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::BOTH,
    check: Check::Payloads,
};

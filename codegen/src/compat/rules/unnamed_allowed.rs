//! Properties without a name in the schema are allowed.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T628",
        name: "unnamed-allowed",
        level: Level::Warn,
        configurable: true,
        explanation: "Generated readers skip what they do not know. Others may refuse what `additionalProperties: false` ruled out.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { id: { type: string } }, additionalProperties: false }",
            failing: "{ properties: { id: { type: string } } }",
            passing: "{ properties: { id: { type: string, title: Number } }, additionalProperties: false }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

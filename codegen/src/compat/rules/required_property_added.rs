//! A new property that every event must have.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T603",
        name: "required-property-added",
        level: Level::Error,
        configurable: true,
        explanation: "Events written before the change lack the property, in the stream and from services that are not rebuilt yet. Let it be optional, or add a major version.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: {} }",
            failing: "{ properties: { currency: { type: string } }, required: [currency] }",
            passing: "{ properties: { currency: { type: string } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

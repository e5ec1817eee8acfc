//! A new property where unknown ones were forbidden.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T630",
        name: "closed-property-added",
        level: Level::Warn,
        configurable: true,
        explanation: "Generated readers skip what they do not know. Others, that check the schema of the older version, refuse events with the property. Deploy them first, or leave `additionalProperties` open.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: {}, additionalProperties: false }",
            failing: "{ properties: { note: { type: string } }, additionalProperties: false }",
            passing: "{ properties: {}, additionalProperties: false, title: Empty }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

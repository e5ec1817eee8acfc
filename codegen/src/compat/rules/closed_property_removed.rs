//! A property is gone where unknown ones are forbidden.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T631",
        name: "closed-property-removed",
        level: Level::Warn,
        configurable: true,
        explanation: "Generated readers skip the property in events written before the change. Others, that check the schema, refuse them.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { note: { type: string } }, additionalProperties: false }",
            failing: "{ properties: {}, additionalProperties: false }",
            passing: "{ properties: {} }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

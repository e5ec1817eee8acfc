//! Properties without a name in the schema are not allowed any more.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T627",
        name: "unnamed-forbidden",
        level: Level::Error,
        configurable: true,
        explanation: "`additionalProperties` allowed them explicitly, so events written before the change may have some.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: {}, additionalProperties: true }",
            failing: "{ properties: {}, additionalProperties: false }",
            passing: "{ properties: {} }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

//! The items of a list may be the same.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T624",
        name: "unique-lifted",
        level: Level::Warn,
        configurable: true,
        explanation: "Readers built before the change may count on items that differ. Deploy readers first.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { tags: { type: array, uniqueItems: true } } }",
            failing: "{ properties: { tags: { type: array } } }",
            passing: "{ properties: { tags: { type: array, uniqueItems: true, minItems: 0 } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

//! The items of a list must differ.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T623",
        name: "unique-required",
        level: Level::Error,
        configurable: true,
        explanation: "Lists written before the change may hold an item twice.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { tags: { type: array } } }",
            failing: "{ properties: { tags: { type: array, uniqueItems: true } } }",
            passing: "{ properties: { tags: { type: array, uniqueItems: false } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

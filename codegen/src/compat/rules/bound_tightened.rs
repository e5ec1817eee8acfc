//! A limit is tighter.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T620",
        name: "bound-tightened",
        level: Level::Error,
        configurable: true,
        explanation: "Values written before the change may lie outside: a longer text, a greater number, more items. Keep the limit in this version.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { name: { type: string, minLength: 1 } } }",
            failing: "{ properties: { name: { type: string, minLength: 1, maxLength: 40 } } }",
            passing: "{ properties: { name: { type: string, minLength: 0 } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

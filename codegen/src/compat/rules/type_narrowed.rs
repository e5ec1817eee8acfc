//! Fewer types are allowed.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T607",
        name: "type-narrowed",
        level: Level::Error,
        configurable: true,
        explanation: "Values written before the change may be of a type that is not read any more.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { total: { type: number } } }",
            failing: "{ properties: { total: { type: integer } } }",
            passing: "{ properties: { total: { type: number, title: Total } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

//! `null` is not allowed any more.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T609",
        name: "null-forbidden",
        level: Level::Error,
        configurable: true,
        explanation: "Values written before the change may be `null`.",
        fixtures: Fixtures::Payloads {
            released: r#"{ properties: { note: { type: [string, "null"] } } }"#,
            failing: "{ properties: { note: { type: string } } }",
            passing: r#"{ properties: { note: { anyOf: [{ type: string }, { type: "null" }] } } }"#,
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

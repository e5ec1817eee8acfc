//! A text must match a pattern that is new or another one.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T618",
        name: "pattern-tightened",
        level: Level::Error,
        configurable: true,
        explanation: "Texts written before the change need not match it.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { sku: { type: string } } }",
            failing: r#"{ properties: { sku: { type: string, pattern: "^[A-Z]{3}" } } }"#,
            passing: r#"{ properties: { sku: { type: string, title: Article } } }"#,
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

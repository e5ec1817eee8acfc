//! A text need not match its pattern any more.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T619",
        name: "pattern-lifted",
        level: Level::Warn,
        configurable: true,
        explanation: "Readers built before the change can decode such a text, but may not expect it. Those that check constraints refuse it. Deploy readers first.",
        fixtures: Fixtures::Payloads {
            released: r#"{ properties: { sku: { type: string, pattern: "^[A-Z]" } } }"#,
            failing: "{ properties: { sku: { type: string } } }",
            passing: r#"{ properties: { sku: { type: string, pattern: "^[A-Z]", title: Article } } }"#,
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

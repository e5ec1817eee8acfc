//! A text need not have the format that readers decode.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T617",
        name: "format-lifted",
        level: Level::Error,
        configurable: true,
        explanation: "Readers built before the change hold the value as a UUID or a time, and cannot read any other text. Formats that stay texts in Rust, such as `email`, fall under `pattern-lifted`.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { id: { type: string, format: uuid } } }",
            failing: "{ properties: { id: { type: string } } }",
            passing: "{ properties: { id: { type: string, format: uuid, title: Number } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

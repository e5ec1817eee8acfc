//! `null` is allowed.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T610",
        name: "null-allowed",
        level: Level::Error,
        configurable: true,
        explanation: "Readers built before the change expect a value. Let the property be missing instead, if it is optional already.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { note: { type: string } } }",
            failing: r#"{ properties: { note: { type: [string, "null"] } } }"#,
            passing: "{ properties: { note: { type: string } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

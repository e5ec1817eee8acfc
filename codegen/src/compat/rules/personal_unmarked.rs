//! A value is no longer marked as personal data.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T636",
        name: "personal-unmarked",
        level: Level::Warn,
        configurable: true,
        explanation: "What `x-pii` marks is kept out of logs and documents. Without the mark the same data appears there.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { email: { type: string, x-pii: indirect } } }",
            failing: "{ properties: { email: { type: string } } }",
            passing: "{ properties: { email: { type: string, x-pii: direct } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

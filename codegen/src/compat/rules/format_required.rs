//! A text must have a format.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T616",
        name: "format-required",
        level: Level::Error,
        configurable: true,
        explanation: "Texts written before the change need not have it: what is not a UUID cannot be read as one.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { id: { type: string } } }",
            failing: "{ properties: { id: { type: string, format: uuid } } }",
            passing: "{ properties: { id: { type: string, examples: [0190b7a4-5c1e-7cc2-b1a2-3f6a5e0d9c11] } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

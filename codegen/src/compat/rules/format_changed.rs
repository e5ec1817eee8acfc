//! A text has another format.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T615",
        name: "format-changed",
        level: Level::Error,
        configurable: true,
        explanation: "Neither side can read what the other one writes.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { at: { type: string, format: date } } }",
            failing: "{ properties: { at: { type: string, format: date-time } } }",
            passing: "{ properties: { at: { type: string, format: date }, at_time: { type: string, format: date-time } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::BOTH,
    check: Check::Payloads,
};

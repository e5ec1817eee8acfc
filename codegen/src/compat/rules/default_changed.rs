//! What a missing property means is another value.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T635",
        name: "default-changed",
        level: Level::Warn,
        configurable: true,
        explanation: "A reader fills in its own default, so an event that was written before the change means something else after it.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { copies: { type: integer, default: 1 } } }",
            failing: "{ properties: { copies: { type: integer, default: 2 } } }",
            passing: "{ properties: { copies: { type: integer, default: 1, title: Copies } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

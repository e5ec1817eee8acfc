//! A field has another Rust type, although the wire is the same.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T701",
        name: "field-type-changed",
        level: Level::Warn,
        configurable: true,
        explanation: "Code that reads or builds the struct has to be changed when it is built with the new catalog. What is on the wire stays readable.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { copies: { type: integer } } }",
            failing: "{ properties: { copies: { type: integer, default: 1 } } }",
            passing: "{ properties: { copies: { type: integer, description: How many. } } }",
        },
    },
    tier: Tier::Source,
    hurts: Hurts::NOBODY,
    check: Check::Payloads,
};

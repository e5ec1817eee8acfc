//! A property that was always present may be missing.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T605",
        name: "property-made-optional",
        level: Level::Error,
        configurable: true,
        explanation: "Readers built before the change expect the property in every event. Keep it required in this version.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { id: { type: string } }, required: [id] }",
            failing: "{ properties: { id: { type: string } } }",
            passing: "{ properties: { id: { type: string }, tip: { type: string } }, required: [id] }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

//! A property that could be missing must be present.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T604",
        name: "property-made-required",
        level: Level::Error,
        configurable: true,
        explanation: "Events written before the change may lack the property. Leave it optional, or add a major version.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { note: { type: string } } }",
            failing: "{ properties: { note: { type: string } }, required: [note] }",
            passing: "{ properties: { note: { type: string }, tip: { type: string } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

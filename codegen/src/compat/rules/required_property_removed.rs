//! A property that readers count on is gone.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T601",
        name: "required-property-removed",
        level: Level::Error,
        configurable: true,
        explanation: "Readers built before the change expect the property in every event and cannot read one without it. Keep it in this version, and leave it out of the next major one.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { id: { type: string } }, required: [id] }",
            failing: "{ properties: {} }",
            passing: "{ properties: { id: { type: string, description: The order. } }, required: [id] }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

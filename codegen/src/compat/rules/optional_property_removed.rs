//! A property that readers may use is gone.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T602",
        name: "optional-property-removed",
        level: Level::Warn,
        configurable: true,
        explanation: "Readers that use the property find it missing from now on, which it could always be. Their code no longer compiles once they are built with the new catalog. Mark it `deprecated` first.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { note: { type: string } } }",
            failing: "{ properties: {} }",
            passing: "{ properties: { note: { type: string, deprecated: true } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

//! An alternative of a union is gone.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T625",
        name: "alternative-removed",
        level: Level::Error,
        configurable: true,
        explanation: "Events written before the change may be of that alternative.",
        fixtures: Fixtures::Payloads {
            released: "{ oneOf: [{ properties: { by: { const: card } } }, { properties: { by: { const: cash } } }] }",
            failing: "{ oneOf: [{ properties: { by: { const: card } } }] }",
            passing: "{ oneOf: [{ properties: { by: { const: cash } } }, { properties: { by: { const: card } } }] }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::HISTORY,
    check: Check::Payloads,
};

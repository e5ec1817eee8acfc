//! A condition is gone.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T633",
        name: "condition-lifted",
        level: Level::Warn,
        configurable: true,
        explanation: "Readers built before the change may not expect what `not`, `if`, `contains`, `dependentRequired` and their like ruled out. Deploy readers first.",
        fixtures: Fixtures::Payloads {
            released: "{ dependentRequired: { a: [b] } }",
            failing: "{}",
            passing: "{ dependentRequired: { a: [b] }, title: Pair }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

//! A limit is wider.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::rule::{Check, Hurts, Rule, Tier};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T621",
        name: "bound-loosened",
        level: Level::Warn,
        configurable: true,
        explanation: "Readers built before the change can decode such values, but may not expect them: a column of 40 characters, a page of 100 items. Those that check constraints refuse them. Deploy readers first.",
        fixtures: Fixtures::Payloads {
            released: "{ properties: { name: { type: string, maxLength: 40 } } }",
            failing: "{ properties: { name: { type: string, maxLength: 80 } } }",
            passing: "{ properties: { name: { type: string, minLength: 0, maxLength: 40 } } }",
        },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Payloads,
};

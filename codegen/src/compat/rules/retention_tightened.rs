//! A stream keeps less.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::pairs::{age, bytes, limits};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T807",
        name: "retention-tightened",
        level: Level::Error,
        configurable: true,
        explanation: "The server removes what is older or beyond the new limit at once. Consumers that lag behind lose it, and new ones do not see it.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::HISTORY,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (name, environment, old, new) in limits(before, after) {
        let tighter = |old: Option<u64>, new: Option<u64>| {
            new.is_some_and(|new| old.is_none_or(|old| new < old))
        };
        let mut report = |key: &str, old: String, new: String| {
            let text = format!("`{key}` of `{name}` was {old} and is {new}{environment}");
            changes.breaks(&RULE, Part::Stream(name.to_owned()), key, text);
        };
        if tighter(old.max_age_ms, new.max_age_ms) {
            report("max_age", age(old.max_age_ms), age(new.max_age_ms));
        }
        if tighter(old.max_bytes, new.max_bytes) {
            report("max_bytes", bytes(old.max_bytes), bytes(new.max_bytes));
        }
    }
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
# orders/domain.yaml
domain: orders
stream: { max_age: 30d }
"#;

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: 7d }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: 60d }
"#;

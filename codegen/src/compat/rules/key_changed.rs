//! The key that keeps events in order is another one.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T810",
        name: "key-changed",
        level: Level::Error,
        configurable: true,
        explanation: "Events of one old key are not kept in order against each other any more, across the change even those of one new key.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::BOTH,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (id, old) in &before.events {
        let Some(new) = after.events.get(id) else { continue };
        let Some(key) = old.key.as_ref().filter(|_| old.key != new.key) else { continue };
        let text = match &new.key {
            Some(new) => format!("the key was `{key}` and is `{new}`"),
            None => format!("the key was `{key}` and there is none any more"),
        };
        changes.breaks(&RULE, Part::Event(id.clone()), "key", text);
    }
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
key: id
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
"#;

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
key: region
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
key: id
summary: An order was accepted.
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
"#;

//! An event has another Rust name.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T702",
        name: "type-renamed",
        level: Level::Warn,
        configurable: true,
        explanation: "The generated type and its methods are called otherwise, so code that names them has to be changed. What is on the wire stays the same.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Source,
    hurts: Hurts::NOBODY,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (id, old) in &before.events {
        if let Some(new) = after.events.get(id).filter(|new| new.name != old.name) {
            let text = format!("the Rust type was `{}` and is `{}`", old.name, new.name);
            changes.breaks(&RULE, Part::Event(id.clone()), "name", text);
        }
    }
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
"#;

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
name: OrderPlaced
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
summary: An order was accepted.
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
"#;

//! An event is gone.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T801",
        name: "event-removed",
        level: Level::Error,
        configurable: true,
        explanation: "Services that publish or consume it no longer build, those that run already go on publishing what nobody knows, and what is stored cannot be read any more. Deprecate its versions, wait until nobody uses it and its stream has forgotten it, and acknowledge the break in the domain's file.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::BOTH,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for id in before.events.keys().filter(|id| !after.events.contains_key(*id)) {
        changes.breaks(&RULE, Part::Event(id.clone()), "", format!("the event `{id}` is gone"));
    }
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
# orders/paid.yaml
event: orders.order.paid
versions: { 1.0: { payload: { type: object } } }
"#;

const FAILING: &str = r#"
# orders/paid.yaml
"#;

const PASSING: &str = r#"
# orders/shipped.yaml
event: orders.order.shipped
versions: { 1.0: { payload: { type: object } } }
"#;

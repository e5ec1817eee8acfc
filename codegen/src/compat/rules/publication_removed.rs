//! A service does not publish an event any more.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T817",
        name: "publication-removed",
        level: Level::Warn,
        configurable: true,
        explanation: "Its consumers get no more of them from this service. Once nobody publishes the event it is dead, and should be deprecated.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::READERS,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (service, old) in &before.services {
        let published = after.services.get(service).map(|new| &new.publishes);
        let is_kept = |event: &str| {
            published
                .into_iter()
                .flat_map(|events| events.keys())
                .any(|other| type_of(other) == event)
        };
        let mut lost: Vec<&str> = old.publishes.keys().map(|event| type_of(event)).collect();
        lost.retain(|event| after.events.contains_key(*event) && !is_kept(event));
        lost.dedup();
        for event in lost {
            let text = format!("`{service}` does not publish `{event}` any more");
            changes.breaks(&RULE, Part::Service(service.clone()), event, text);
        }
    }
}

/// `orders.order.created@2` without the version.
fn type_of(event: &str) -> &str {
    event.split('@').next().unwrap_or_default()
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
# services/billing.yaml
service: billing
publishes: [orders.order.created]
subscriptions:
  invoicing: { events: [orders.order.created] }
"#;

const FAILING: &str = r#"
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created] }
"#;

const PASSING: &str = r#"
# services/billing.yaml
service: billing
publishes: [orders.order.created]
subscriptions:
  invoicing: { events: [orders.order.created], concurrency: 8 }
"#;

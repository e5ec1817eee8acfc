//! A subscription receives fewer events.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::pairs::subscriptions;
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T816",
        name: "subscription-narrowed",
        level: Level::Warn,
        configurable: true,
        explanation: "Events that were published for it and are not handled yet are passed over.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::READERS,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (service, name, old, new) in subscriptions(before, after) {
        let type_of = |event: &String| event.split('@').next().unwrap_or_default().to_owned();
        let kept: Vec<String> = new.events.keys().map(type_of).collect();
        let mut lost: Vec<String> = old.events.keys().map(type_of).collect();
        lost.retain(|event| !kept.contains(event));
        lost.dedup();
        for event in lost {
            let text = format!("`{name}` does not receive `{event}` any more");
            let part = Part::Subscription(service.to_owned(), name.to_owned());
            changes.breaks(&RULE, part, "events", text);
        }
    }
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
# orders/paid.yaml
event: orders.order.paid
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
publishes: [orders.order.created, orders.order.paid]
subscriptions:
  invoicing: { events: [orders.order.created, orders.order.paid] }
"#;

const FAILING: &str = r#"
# services/billing.yaml
service: billing
publishes: [orders.order.created, orders.order.paid]
subscriptions:
  invoicing: { events: [orders.order.created] }
"#;

const PASSING: &str = r#"
# services/billing.yaml
service: billing
publishes: [orders.order.created, orders.order.paid]
subscriptions:
  invoicing: { events: [orders.order.paid, orders.order.created] }
"#;

//! A subscription does not keep events in order any more.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::pairs::subscriptions;
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T818",
        name: "ordering-dropped",
        level: Level::Warn,
        configurable: true,
        explanation: "Its handlers may see the events of one key at the same time, and a retried one after its successors.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::READERS,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (service, name, old, new) in subscriptions(before, after) {
        if old.ordered_by_key && !new.ordered_by_key {
            let text = format!("`{name}` handles the events of one key in any order");
            let part = Part::Subscription(service.to_owned(), name.to_owned());
            changes.breaks(&RULE, part, "ordered_by_key", text);
        }
    }
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
key: id
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
# services/billing.yaml
service: billing
publishes: [orders.order.created]
subscriptions:
  invoicing: { events: [orders.order.created], ordered_by_key: true }
"#;

const FAILING: &str = r#"
# services/billing.yaml
service: billing
publishes: [orders.order.created]
subscriptions:
  invoicing: { events: [orders.order.created] }
"#;

const PASSING: &str = r#"
# services/billing.yaml
service: billing
publishes: [orders.order.created]
subscriptions:
  invoicing: { events: [orders.order.created], ordered_by_key: true, concurrency: 8 }
"#;

//! A subscription is gone.

use std::collections::BTreeMap;

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::pairs::successor;
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T812",
        name: "subscription-removed",
        level: Level::Warn,
        configurable: true,
        explanation: "Nobody handles its events any more, and its durable stays on the server until it is removed by hand. A service that is gone takes all its subscriptions along.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::READERS,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (service, old) in &before.services {
        let none = BTreeMap::new();
        let new = after.services.get(service).map_or(&none, |new| &new.subscriptions);
        for (name, held) in &old.subscriptions {
            if !new.contains_key(name) && successor(name, &old.subscriptions, new).is_none() {
                let text =
                    format!("the subscription `{name}` is gone; its durable is `{}`", held.durable);
                let part = Part::Subscription(service.clone(), name.clone());
                changes.breaks(&RULE, part, "", text);
            }
        }
    }
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
publishes: [orders.order.created]
"#;

const PASSING: &str = r#"
# services/billing.yaml
service: billing
publishes: [orders.order.created]
subscriptions:
  invoicing: { events: [orders.order.created], concurrency: 8 }
"#;

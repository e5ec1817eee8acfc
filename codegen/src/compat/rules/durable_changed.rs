//! A subscription has another durable consumer.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::pairs::successor;
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T811",
        name: "durable-changed",
        level: Level::Error,
        configurable: true,
        explanation: "The name of a subscription is the name of its durable. A new durable does not know how far the old one had got: by `start` it handles everything that is stored once more, or misses what was not handled yet; and the old one stays on the server. Keep the name.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::READERS,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (service, old) in &before.services {
        let Some(new) = after.services.get(service) else { continue };
        for (name, held) in &old.subscriptions {
            let part = Part::Subscription(service.clone(), name.clone());
            match new.subscriptions.get(name) {
                Some(other) if other.stream != held.stream => {
                    let text =
                        format!("`{name}` read `{}` and reads `{}`", held.stream, other.stream);
                    changes.breaks(&RULE, part, "stream", text);
                }
                Some(_) => {}
                None => {
                    if let Some(renamed) = successor(name, &old.subscriptions, &new.subscriptions) {
                        let text = format!("the subscription `{name}` is called `{renamed}`");
                        changes.breaks(&RULE, part, "", text);
                    }
                }
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
subscriptions:
  invoices: { events: [orders.order.created] }
"#;

const PASSING: &str = r#"
# services/billing.yaml
service: billing
publishes: [orders.order.created]
subscriptions:
  invoicing: { events: [orders.order.created], concurrency: 8 }
"#;

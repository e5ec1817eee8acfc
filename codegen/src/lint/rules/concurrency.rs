//! Concurrency that can never be reached.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T408",
        name: "concurrency",
        level: Level::Warn,
        configurable: true,
        explanation: "`max_ack_pending` counts the unsettled deliveries of all instances: one instance cannot have more in hand than that.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for subscription in catalog.services.values().flat_map(|service| service.subscriptions.values())
    {
        if subscription.concurrency <= subscription.max_ack_pending {
            continue;
        }
        let place = |key| subscription.places.get(key).unwrap_or(subscription.span);
        findings.push(
            RULE.code
                .at(
                    place("concurrency"),
                    format!(
                        "`{}` handles {} at once, of at most {} unsettled deliveries",
                        subscription.name, subscription.concurrency, subscription.max_ack_pending
                    ),
                )
                .and(place("max_ack_pending"), "the limit over all instances")
                .help("raise `max_ack_pending` to `concurrency` times the number of instances"),
        );
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], concurrency: 6000 }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], concurrency: 6000, max_ack_pending: 12000 }
"#;

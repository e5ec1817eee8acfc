//! Order without a key to order by.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T414",
        name: "order-without-key",
        level: Level::Error,
        configurable: false,
        explanation: "`ordered_by_key` keeps events in order that have one key, and the event has none.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Whole,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for subscription in catalog.services.values().flat_map(|service| service.subscriptions.values())
    {
        if !subscription.ordered_by_key {
            continue;
        }
        for one in &subscription.events {
            let Some(event) = catalog.events.get(&one.event).filter(|event| event.key.is_none())
            else {
                continue;
            };
            let span = subscription.places.get("ordered_by_key").unwrap_or(subscription.span);
            findings.push(
                RULE.code
                    .at(
                        span,
                        format!(
                            "`{}` cannot order `{}`, which has no key",
                            subscription.name, event.id
                        ),
                    )
                    .and(event.span, "declared here")
                    .help("write `key: <property>` into the event's file"),
            );
        }
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], ordered_by_key: true }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
key: id
versions: { 1.0: { payload: { type: object, required: [id], properties: { id: { type: string } } } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], ordered_by_key: true }
"#;

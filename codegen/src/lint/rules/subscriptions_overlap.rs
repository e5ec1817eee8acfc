//! Events that a service receives twice.

use std::collections::BTreeMap;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Subscribed, Subscription};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T417",
        name: "subscriptions-overlap",
        level: Level::Off,
        configurable: true,
        explanation: "Two subscriptions of one service receive the same event: each is a durable of its own, so the service handles it twice. That is right where the two do different things; a team that wants each event in one place switches this on.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for service in catalog.services.values() {
        let mut received: BTreeMap<&str, (&Subscription, &Subscribed)> = BTreeMap::new();
        for subscription in service.subscriptions.values() {
            for one in &subscription.events {
                let Some((first, place)) = received.insert(&one.event, (subscription, one)) else {
                    continue;
                };
                if first.name == subscription.name {
                    continue;
                }
                let message =
                    format!("`{}` receives `{}` in two subscriptions", service.name, one.event);
                findings.push(
                    RULE.code
                        .at(one.span, message)
                        .and(place.span, format!("`{}` receives it too", first.name))
                        .help("let one handler do both, or switch this rule off"),
                );
            }
        }
    }
}

const FAILING: &str = r#"
# catalog.yaml
catalog: shop
rules: { subscriptions-overlap: warn }
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created] }
  reminders: { events: [orders.>] }
"#;

const PASSING: &str = r#"
# catalog.yaml
catalog: shop
rules: { subscriptions-overlap: warn }
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created] }
"#;

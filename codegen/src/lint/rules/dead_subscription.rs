//! Subscriptions that receive nothing.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T411",
        name: "dead-subscription",
        level: Level::Warn,
        configurable: true,
        explanation: "A service consumes the event, and none publishes it: its handler never runs.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Whole,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for event in catalog.events.values().filter(|event| event.publishers(catalog).is_empty()) {
        if let Some(consumed) = event.consumers(catalog).first() {
            findings.push(
                RULE.code
                    .at(consumed.span, format!("no service publishes `{}`", event.id))
                    .and(event.span, "declared here")
                    .help("list it under `publishes` of the service that sends it"),
            );
        }
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/audit.yaml
service: audit
subscriptions: { log: { events: [orders.order.created] } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/audit.yaml
service: audit
subscriptions: { log: { events: [orders.order.created] } }
# services/orders.yaml
service: orders
publishes: [orders.order.created]
"#;

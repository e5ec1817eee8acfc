//! Events that nobody consumes.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T410",
        name: "unconsumed-event",
        level: Level::Warn,
        configurable: true,
        explanation: "A service publishes the event, and none consumes it. Until one does, it costs storage and a contract for nothing.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Whole,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for event in catalog.events.values().filter(|event| event.consumers(catalog).is_empty()) {
        if let Some(published) = event.publishers(catalog).first() {
            findings.push(
                RULE.code
                    .at(event.span, format!("no service consumes `{}`", event.id))
                    .and(published.span, "published here")
                    .help("subscribe to it, or remove it"),
            );
        }
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/orders.yaml
service: orders
publishes: [orders.order.created]
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/orders.yaml
service: orders
publishes: [orders.order.created]
subscriptions: { audit: { events: [orders.>] } }
"#;

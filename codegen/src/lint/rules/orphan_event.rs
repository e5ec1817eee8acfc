//! Events without any service.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T409",
        name: "orphan-event",
        level: Level::Warn,
        configurable: true,
        explanation: "No service has to do with the event: either a service file forgets it, or the event can go.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Whole,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for event in catalog.events.values() {
        let (publishers, consumers) = (event.publishers(catalog), event.consumers(catalog));
        if publishers.is_empty() && consumers.is_empty() {
            findings.push(
                RULE.code
                    .at(event.span, format!("no service publishes or consumes `{}`", event.id))
                    .help("list it under `publishes` of a service, or remove it"),
            );
        }
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/orders.yaml
service: orders
publishes: [orders.order.created]
"#;

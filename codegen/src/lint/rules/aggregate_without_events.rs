//! Aggregates that nothing happens to.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;
use crate::syntax::closest;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T338",
        name: "aggregate-without-events",
        level: Level::Error,
        configurable: false,
        explanation: "An aggregate is made of the events whose types begin with its domain and its name, and there is none.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Whole,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for domain in catalog.domains.values() {
        for aggregate in domain.aggregates.values() {
            if catalog.events.values().any(|event| aggregate.has(event)) {
                continue;
            }
            let own = catalog.events.values().filter(|event| event.domain == domain.name);
            let entities = own.filter_map(|event| {
                let mut tokens = event.id.split('.').skip(1);
                let entity = tokens.next()?;
                tokens.next().map(|_| entity)
            });
            let finding = RULE.code.at(
                aggregate.span,
                format!("no event's type begins with `{}.`", aggregate.prefix()),
            );
            let finding = match closest(&aggregate.name, entities) {
                Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
                None => finding,
            };
            findings.push(finding.help("name it as the second token of its events' types"));
        }
    }
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: unlimited, max_bytes: unlimited }
aggregates: { ordre: { id: order_id } }
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, required: [order_id], properties: { order_id: { type: string } } } } }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: unlimited, max_bytes: unlimited }
aggregates: { order: { id: order_id } }
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, required: [order_id], properties: { order_id: { type: string } } } } }
"#;

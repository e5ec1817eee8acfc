//! Keys that order the events of an aggregate otherwise than by the aggregate.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T336",
        name: "aggregate-key",
        level: Level::Error,
        configurable: false,
        explanation: "The events of an aggregate stay in order because they have one key, and that is its id.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for event in catalog.events.values() {
        let Some((aggregate, key)) = catalog.aggregate_of(event).zip(event.key.as_ref()) else {
            continue;
        };
        if *key != aggregate.id {
            let place = event.places.get("key").unwrap_or(event.span);
            findings.push(
                RULE.code
                    .at(
                        place,
                        format!("`{key}` is not the id of the aggregate `{}`", aggregate.name),
                    )
                    .and(aggregate.id_span, "which is this")
                    .help("leave `key` out: it is the id"),
            );
        }
    }
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: unlimited, max_bytes: unlimited }
aggregates: { order: { id: order_id } }
# orders/created.yaml
event: orders.order.created
key: customer
versions:
  1.0:
    payload:
      type: object
      required: [order_id, customer]
      properties: { order_id: { type: string }, customer: { type: string } }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: unlimited, max_bytes: unlimited }
aggregates: { order: { id: order_id } }
# orders/created.yaml
event: orders.order.created
key: order_id
versions:
  1.0:
    payload:
      type: object
      required: [order_id, customer]
      properties: { order_id: { type: string }, customer: { type: string } }
"#;

//! Failures in a row that can never be reached.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T419",
        name: "breaker",
        level: Level::Warn,
        configurable: true,
        explanation: "With `ordered_by_key` a failing event keeps its place until it is handled or a dead letter, so no more events can fail in a row than are in hand: the breaker opens after as many.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for subscription in catalog.services.values().flat_map(|service| service.subscriptions.values())
    {
        let written = subscription.places.get("breaker/failures");
        let Some((breaker, place)) = subscription.breaker.zip(written) else { continue };
        let in_hand = match subscription.partitions.len() {
            0 => subscription.concurrency,
            partitions => u32::try_from(partitions).unwrap_or(u32::MAX),
        };
        if !subscription.ordered_by_key || breaker.failures <= in_hand {
            continue;
        }
        let (place_of_hand, raise) = match subscription.partitions.len() {
            0 => (subscription.places.get("concurrency"), "`concurrency`"),
            _ => {
                let stream = catalog.streams.get(&subscription.stream);
                (stream.and_then(|stream| stream.places.get("partitions")), "`partitions`")
            }
        };
        findings.push(
            RULE.code
                .at(
                    place,
                    format!(
                        "`{}` pauses after {} failures in a row, and has {in_hand} events in hand",
                        subscription.name, breaker.failures
                    ),
                )
                .and(place_of_hand.unwrap_or(subscription.span), "so many at once")
                .help(format!("let `failures` be at most {in_hand}, or raise {raise}")),
        );
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
key: id
versions: { 1.0: { payload: { type: object, required: [id], properties: { id: { type: string } } } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], ordered_by_key: true, concurrency: 4, breaker: { failures: 5 } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
key: id
versions: { 1.0: { payload: { type: object, required: [id], properties: { id: { type: string } } } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], ordered_by_key: true, concurrency: 8, breaker: { failures: 5 } }
"#;

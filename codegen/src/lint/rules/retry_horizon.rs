//! Retries that outlive their events.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::words::in_words;
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T406",
        name: "retry-horizon",
        level: Level::Error,
        configurable: true,
        explanation: "The stream removes the event before its last attempt: the later retries, and the dead letter, would never come.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for subscription in catalog.services.values().flat_map(|service| service.subscriptions.values())
    {
        let Some(stream) = catalog.streams.get(&subscription.stream) else { continue };
        let horizon = subscription.retry.horizon();
        let ages = stream.everywhere().filter_map(|held| Some((held.limits.max_age?, held)));
        let Some((max_age, held)) = ages.min_by_key(|(max_age, _)| *max_age) else { continue };
        if horizon < max_age {
            continue;
        }
        let places = &subscription.places;
        let span = places.get("backoff").or(places.get("attempts")).unwrap_or(subscription.span);
        findings.push(
            RULE.code
                .at(
                    span,
                    format!(
                        "`{}` may retry for {}, and `{}` keeps events for {}{}",
                        subscription.name,
                        in_words(horizon),
                        stream.name,
                        in_words(max_age),
                        held.suffix()
                    ),
                )
                .and(held.place("max_age").unwrap_or(stream.span), "the stream's limit")
                .help("retry for less long, or keep the events longer"),
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
  invoicing: { events: [orders.order.created], retry: { attempts: 9, backoff: [1d] } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], retry: { attempts: 4, backoff: [1d] } }
"#;

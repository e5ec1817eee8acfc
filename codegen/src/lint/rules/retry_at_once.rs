//! Retries without a pause.

use std::collections::BTreeSet;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T416",
        name: "retry-at-once",
        level: Level::Warn,
        configurable: true,
        explanation: "What failed a moment ago mostly fails again: without a delay all attempts are used up within milliseconds, and the event is a dead letter before anything could recover.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let mut reported = BTreeSet::new();
    for subscription in catalog.services.values().flat_map(|service| service.subscriptions.values())
    {
        let retry = &subscription.retry;
        let span = subscription.places.get("backoff").unwrap_or(subscription.span);
        let at_once = retry.attempts > 1 && retry.backoff.iter().all(std::time::Duration::is_zero);
        if at_once && reported.insert(span) {
            let message = format!("all {} attempts follow each other at once", retry.attempts);
            findings
                .push(RULE.code.at(span, message).help("write delays that grow: `[1s, 10s, 1m]`"));
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
  invoicing: { events: [orders.order.created], retry: { backoff: [0s] } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], retry: { backoff: [100ms, 1s] } }
"#;

//! An alert about slow handlers that can never be raised.

use std::collections::BTreeSet;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::words::in_words;
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T422",
        name: "handler-alert",
        level: Level::Warn,
        configurable: true,
        explanation: "A handler is stopped after `handler_timeout`, so that no attempt takes longer: an alert that waits for that is never raised.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let mut reported = BTreeSet::new();
    for subscription in catalog.services.values().flat_map(|service| service.subscriptions.values())
    {
        let written = subscription.places.get("alerts/handler_p95");
        let Some((p95, place)) = subscription.alerts.handler_p95.zip(written) else { continue };
        let timeout = subscription.handler_timeout;
        if p95 < timeout || !reported.insert(place) {
            continue;
        }
        let message = format!(
            "`{}` is to alert when handlers take more than {}, and stops them after {}",
            subscription.name,
            in_words(p95),
            in_words(timeout)
        );
        let stops = subscription.places.get("handler_timeout").unwrap_or(subscription.span);
        findings.push(
            RULE.code
                .at(place, message)
                .and(stops, "stopped after so long")
                .help("let `handler_p95` be less than `handler_timeout`, or write `off`"),
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
  invoicing: { events: [orders.order.created], handler_timeout: 20s, alerts: { handler_p95: 30s } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], handler_timeout: 20s, alerts: { handler_p95: 15s } }
"#;

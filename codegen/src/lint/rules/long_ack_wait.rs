//! Crashes that are noticed late.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::words::in_words;
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T418",
        name: "long-ack-wait",
        level: Level::Warn,
        configurable: true,
        explanation: "The runtime signals progress while a handler runs, however long; `ack_wait` is how long the server waits before it hands an event of a crashed instance to another. A long one only delays that.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

const LONGEST: Duration = Duration::from_secs(10 * 60);

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let mut reported = BTreeSet::new();
    for subscription in catalog.services.values().flat_map(|service| service.subscriptions.values())
    {
        let wait = subscription.ack_wait;
        let span = subscription.places.get("ack_wait").unwrap_or(subscription.span);
        if wait > LONGEST && reported.insert(span) {
            let message = format!("events of a crashed instance wait for {}", in_words(wait));
            let help = "write `30s`, and say with `handler_timeout` how long handlers may run";
            findings.push(RULE.code.at(span, message).help(help));
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
  invoicing: { events: [orders.order.created], ack_wait: 1h }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], ack_wait: 30s, handler_timeout: 1h }
"#;

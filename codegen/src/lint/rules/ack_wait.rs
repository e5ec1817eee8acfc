//! Acknowledgements that cannot come in time.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::words::in_words;
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T404",
        name: "ack-wait",
        level: Level::Error,
        configurable: true,
        explanation: "The runtime signals progress at a third of `ack_wait`; less than a second leaves no time for it on a busy network.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

const SHORTEST: Duration = Duration::from_secs(1);

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let mut reported = BTreeSet::new();
    for subscription in catalog.services.values().flat_map(|service| service.subscriptions.values())
    {
        let span = subscription.places.get("ack_wait").unwrap_or(subscription.span);
        if subscription.ack_wait < SHORTEST && reported.insert(span) {
            let wait = in_words(subscription.ack_wait);
            findings.push(
                RULE.code
                    .at(span, format!("an `ack_wait` of {wait} is too short to signal progress in"))
                    .help("write `1s` or more; `30s` suits most handlers, however long they run"),
            );
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
  invoicing: { events: [orders.order.created], ack_wait: 500ms }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], ack_wait: 1s }
"#;

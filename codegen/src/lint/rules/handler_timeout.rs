//! Handlers that may run too long, or not at all.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::words::in_words;
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T405",
        name: "handler-timeout",
        level: Level::Warn,
        configurable: true,
        explanation: "A handler that may run for hours holds its delivery, its key and a slot for as long when it hangs; one that may not run at all always fails.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

const LONGEST: Duration = Duration::from_secs(60 * 60);

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let mut reported = BTreeSet::new();
    for subscription in catalog.services.values().flat_map(|service| service.subscriptions.values())
    {
        let timeout = subscription.handler_timeout;
        let span = subscription.places.get("handler_timeout").unwrap_or(subscription.span);
        let help = if timeout > LONGEST {
            "let the handler start a job and return; the job's end is an event of its own"
        } else if timeout.is_zero() {
            "write how long the handler may run"
        } else {
            continue;
        };
        if reported.insert(span) {
            let message =
                format!("handlers may run for {} before they count as failed", in_words(timeout));
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
  invoicing: { events: [orders.order.created], handler_timeout: 2h }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], handler_timeout: 5m }
"#;

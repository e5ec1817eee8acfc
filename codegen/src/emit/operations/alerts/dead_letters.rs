//! New dead letters.

use super::{Alert, Raised, Rule, SUBSCRIPTION, Severity, consumes};
use crate::emit::operations::metrics::{CONSUMED, DEAD_LETTERS, Selector, measured};
use crate::model::{Catalog, Service};

pub(in super::super) const ALERT: &Alert = &Alert {
    name: "DeadLettersGrowing",
    severity: Severity::Warning,
    lasting: None,
    meaning: "Within the last quarter of an hour, events became dead letters: they failed at every attempt, were \
              rejected by the handler, or could not be read. Each is kept whole, with the reason; the subscription goes \
              on without it.",
    look: "Which events, and why each of them failed:\n\n\
           ```console\n$ tidings dlq list --since 1h\n$ tidings dlq show 17\n```",
    act: "- The handler is at fault: repair and deploy it, then have the dead letters handled again. Only the subscription \
          that failed gets them.\n\n\
          ```console\n$ tidings dlq replay --subscription billing.invoicing --dry-run\n$ tidings dlq replay --subscription billing.invoicing --wait\n```\n\n\
          - The publisher is at fault, by what it sent: repair it. What cannot be repaired is looked through and removed, \
          with `tidings dlq purge`.\n\
          - It was an outage, shorter than the breaker takes to notice: replay is enough.",
    raised: Raised::ByService(rules),
};

fn rules(_: &Catalog, service: &Service) -> Vec<Rule> {
    if !consumes(service) {
        return Vec::new();
    }
    let series = Selector::service(&service.name);
    let by = "service, subscription";
    let now = measured(by, DEAD_LETTERS, &series);
    let before = format!("max by ({by}) ({} offset 15m)", series.of(DEAD_LETTERS));
    // And what the service's own instances gave up: some may not look at the dead letters.
    let given_up = series.and("status=\"dead_lettered\"").of(CONSUMED);
    let given_up = format!("round(sum by ({by}) (increase({given_up}[15m])))");
    vec![Rule {
        subscription: None,
        expression: format!("{now} - {before} > 0 or {given_up} > 0"),
        summary: format!("{SUBSCRIPTION}: {{{{ $value }}}} more dead letters within 15m"),
    }]
}

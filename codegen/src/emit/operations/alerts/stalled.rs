//! Events wait, and nothing happens.

use std::time::Duration;

use super::{Alert, Raised, Rule, Severity};
use crate::emit::operations::metrics::{CONSUMED, LAG, Selector, measured, rate};
use crate::facts;
use crate::model::{Catalog, Service, Subscription};

pub(in super::super) const ALERT: &Alert = &Alert {
    name: "SubscriptionStalled",
    severity: Severity::Critical,
    lasting: Some("5m"),
    meaning: "Events wait for a subscription, and none was settled for a while: neither handled nor retried nor put to \
              the dead letters. Its service runs, as it reports what waits.",
    look: "- *Breakers*: is the subscription paused? Then see [BreakerOpen](#breaker-open).\n\
           - *In hand*: with events in hand, handlers hang; without, nothing is fetched.\n\
           - The service's log: a run that ended says why. Is the consumer still as the catalog says?\n\n\
           ```console\n$ tidings lag billing.invoicing\n$ tidings drift\n```",
    act: "- Handlers hang: what do all of them wait for? Each is stopped after its `handler_timeout`.\n\
          - The consumer is gone: `tidings apply` makes it anew; then restart the service.\n\
          - Other instances hold the events, as `max_ack_pending` counts over all of them: restart what hangs.",
    raised: Raised::ByService(rules),
};

/// Nothing was settled for so long.
const SHORTEST: Duration = Duration::from_secs(10 * 60);

fn rules(_: &Catalog, service: &Service) -> Vec<Rule> {
    service
        .subscriptions
        .values()
        .map(|subscription| {
            let series = Selector::subscription(&service.name, &subscription.name);
            let window = window(subscription);
            let by = "service, subscription";
            Rule {
                subscription: Some(subscription.name.clone()),
                expression: format!(
                    "{} > 0 unless on ({by}) {} > 0",
                    measured(by, LAG, &series),
                    rate(by, CONSUMED, &series, &window)
                ),
                summary: format!(
                    "{}/{}: {{{{ $value }}}} events wait, and none was settled for {window}",
                    service.name, subscription.name
                ),
            }
        })
        .collect()
}

/// Long enough for handlers that may run for long.
fn window(subscription: &Subscription) -> String {
    let twice = 2 * subscription.handler_timeout;
    let minutes = twice.max(SHORTEST).as_secs().div_ceil(60);
    facts::duration(Duration::from_secs(60 * minutes))
}

//! Handlers near their timeout.

use super::{Alert, Raised, Rule, Severity};
use crate::emit::operations::metrics::{HANDLER_DURATION, Selector, quantile};
use crate::facts;
use crate::model::{Catalog, Service};

pub(in super::super) const ALERT: &Alert = &Alert {
    name: "HandlersSlow",
    severity: Severity::Warning,
    lasting: Some("10m"),
    meaning: "One attempt of twenty takes longer than it should. A handler that runs into `handler_timeout` is stopped, \
              and its event comes again: what it had done by then may be done twice.",
    look: "- *Handlers, slowest twentieth* of the service: which subscription, and is it all events or some?\n\
           - *Failures* of kind `timed_out`: are handlers stopped already?\n\
           - Traces of the service: the span `process` shows what an attempt waited for.",
    act: "- What it waits for is slow, as a database or another service: repair that. Give calls in handlers a timeout of \
          their own.\n\
          - It has become more work: let the handler start a job and return, or raise `handler_timeout`, and `alerts: { \
          handler_p95: … }` with it.",
    raised: Raised::ByService(rules),
};

fn rules(_: &Catalog, service: &Service) -> Vec<Rule> {
    let limited = service
        .subscriptions
        .values()
        .filter_map(|subscription| Some((subscription, subscription.alerts.handler_p95?)));
    limited
        .map(|(subscription, limit)| {
            let series = Selector::subscription(&service.name, &subscription.name);
            let p95 = quantile("0.95", "service, subscription", HANDLER_DURATION, &series, "5m");
            Rule {
                subscription: Some(subscription.name.clone()),
                expression: format!("{p95} > {}", limit.as_secs_f64()),
                summary: format!(
                    "{}/{}: one attempt of twenty takes {{{{ $value | humanizeDuration }}}}, more than {}; handlers are \
                     stopped after {}",
                    service.name,
                    subscription.name,
                    facts::duration(limit),
                    facts::duration(subscription.handler_timeout),
                ),
            }
        })
        .collect()
}

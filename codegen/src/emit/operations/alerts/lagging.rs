//! Events wait.

use super::{Alert, Raised, Rule, Severity};
use crate::emit::operations::metrics::{LAG, Selector, measured};
use crate::model::{Catalog, Service};

pub(in super::super) const ALERT: &Alert = &Alert {
    name: "SubscriptionLagging",
    severity: Severity::Warning,
    lasting: Some("10m"),
    meaning: "More events wait for a subscription than it may leave waiting. Nothing is lost while the stream keeps \
              them: its `max_age` and `max_bytes` say for how long, and the oldest go first.",
    look: "- On the dashboard: does *Waiting* still grow, and since when? Was more published, or less handled?\n\
           - *Handlers, slowest twentieth*: did handlers become slower? *Failures*: do events come again and again?\n\
           - The server's own word, for each subscription: waiting, in flight, redelivered.\n\n\
           ```console\n$ tidings lag billing.invoicing\n```",
    act: "- Handlers keep up, but there are too few: run more instances, or raise `concurrency` in the catalog.\n\
          - Handlers wait for something slow: repair that first; more of them would make it slower.\n\
          - With `ordered_by_key`, one busy key can hold up its lane, and without `partitions` order is kept within one \
          instance only.\n\
          - It is meant, as after an import: let it run out, or raise `alerts: { lag: … }` of the subscription.",
    raised: Raised::ByService(rules),
};

fn rules(_: &Catalog, service: &Service) -> Vec<Rule> {
    let limited = service
        .subscriptions
        .values()
        .filter_map(|subscription| Some((subscription, subscription.alerts.lag?)));
    limited
        .map(|(subscription, limit)| {
            let series = Selector::subscription(&service.name, &subscription.name);
            Rule {
                subscription: Some(subscription.name.clone()),
                expression: format!(
                    "{} > {limit}",
                    measured("service, subscription", LAG, &series)
                ),
                summary: format!(
                    "{}/{}: {{{{ $value }}}} events wait, more than {limit}",
                    service.name, subscription.name
                ),
            }
        })
        .collect()
}

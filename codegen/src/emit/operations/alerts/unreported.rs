//! Nobody says anything.

use super::{Alert, Raised, Rule, Severity};
use crate::emit::operations::metrics::{LAG, Selector};
use crate::model::{Catalog, Service};

pub(in super::super) const ALERT: &Alert = &Alert {
    name: "SubscriptionUnreported",
    severity: Severity::Critical,
    lasting: Some("10m"),
    meaning: "No instance reports about a subscription of the catalog: the service does not run, does not run this \
              subscription, cannot reach the server, or Prometheus cannot reach the service. Events wait in the stream \
              meanwhile.",
    look: "- Prometheus' page of targets: is the service there, and up?\n\
           - Does the service run, and what does the end of its log say? `/readyz` names what is missing.\n\
           - What waits, by the server's own word:\n\n\
           ```console\n$ tidings lag billing.invoicing\n```",
    act: "- Start the service. Its durable consumer has kept its place.\n\
          - The service is not meant to run here: give its alerts a silence, or leave its group out of the rules.\n\
          - The subscription is not needed any more: take it out of the catalog, then delete its consumer with \
          `tidings apply --delete`.",
    raised: Raised::ByService(rules),
};

fn rules(_: &Catalog, service: &Service) -> Vec<Rule> {
    service
        .subscriptions
        .values()
        .map(|subscription| {
            let series = Selector::subscription(&service.name, &subscription.name);
            Rule {
                subscription: Some(subscription.name.clone()),
                expression: format!("absent({})", series.of(LAG)),
                summary: format!(
                    "{}/{}: no instance reports about it",
                    service.name, subscription.name
                ),
            }
        })
        .collect()
}

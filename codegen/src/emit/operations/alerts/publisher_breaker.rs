//! A publisher that pauses.

use super::{Alert, Raised, Rule, SERVICE, Severity, publishes};
use crate::emit::operations::metrics::{PUBLISHER_BREAKER, Selector, measured};
use crate::model::{Catalog, Service};

pub(in super::super) const ALERT: &Alert = &Alert {
    name: "PublisherBreakerOpen",
    severity: Severity::Critical,
    lasting: Some("1m"),
    meaning: "An instance gets no answers to what it publishes, and refuses further events at once instead of letting \
              callers wait for their deadlines. Events of an outbox wait in the database meanwhile.",
    look: "- Does the server answer? Its monitoring port says so: `/healthz` on 8222.\n\
           - Are other services paused, too? Then it is the server or the network; otherwise the connection of this one.",
    act: "- Bring back the servers, or the way to them. Publishing goes on by itself with the first answer.\n\
          - What was refused meanwhile is in the callers' hands: they had an error, unless the service publishes through \
          an outbox.",
    raised: Raised::ByService(rules),
};

fn rules(_: &Catalog, service: &Service) -> Vec<Rule> {
    if !publishes(service) {
        return Vec::new();
    }
    let series = Selector::service(&service.name);
    vec![Rule {
        subscription: None,
        expression: format!("{} > 0", measured("service", PUBLISHER_BREAKER, &series)),
        summary: format!("{SERVICE}: publishes nothing, as nothing answers"),
    }]
}

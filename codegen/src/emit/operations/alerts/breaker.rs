//! A subscription that pauses.

use super::{Alert, Raised, Rule, SUBSCRIPTION, Severity, consumes};
use crate::emit::operations::metrics::{BREAKER, Selector, measured};
use crate::model::{Catalog, Service};

pub(in super::super) const ALERT: &Alert = &Alert {
    name: "BreakerOpen",
    severity: Severity::Critical,
    lasting: Some("2m"),
    meaning: "One event after the other failed in an instance, so it has stopped fetching, and tries a single event from \
              time to time. No attempts are spent meanwhile, and events wait in the stream.",
    look: "- *Failures* of the service: which kind, since when? The log has the errors themselves.\n\
           - Is something down that all of its handlers need?\n\
           - Are other subscriptions that use the same thing paused, too?",
    act: "- Bring back what the handlers need. The subscription goes on by itself, within a minute.\n\
          - A deploy of its own broke it: take that back.\n\
          - All events at hand are poison, as those of a bad import: have the handler `Reject` them, which counts for no \
          breaker, and repair what is then a dead letter.",
    raised: Raised::ByService(rules),
};

fn rules(_: &Catalog, service: &Service) -> Vec<Rule> {
    let series = Selector::service(&service.name);
    let rule = Rule {
        subscription: None,
        // Half-open counts: it alternates with open until something works.
        expression: format!("{} > 0", measured("service, subscription", BREAKER, &series)),
        summary: format!("{SUBSCRIPTION}: paused, as one event after the other fails"),
    };
    let may_pause =
        service.subscriptions.values().any(|subscription| subscription.breaker.is_some());
    if consumes(service) && may_pause { vec![rule] } else { Vec::new() }
}

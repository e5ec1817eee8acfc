//! Events that are not stored.

use super::{Alert, Raised, Rule, SERVICE, Severity, publishes};
use crate::emit::operations::metrics::{PUBLISHED, Selector, rate};
use crate::model::{Catalog, Service};

pub(in super::super) const ALERT: &Alert = &Alert {
    name: "PublishesFailing",
    severity: Severity::Critical,
    lasting: Some("5m"),
    meaning: "More than one of a hundred events that a service publishes is refused (`rejected`), or nobody can tell what \
              became of it (`unknown`: no answer before the deadline). `conflict` does not count, as it is the answer to \
              a question.",
    look: "- *Published, by what came of it*: refused, or no answer? *Published, by event*: all events, or one?\n\
           - The log has the server's words. Refused means: no permission, no stream that takes the subject, too large, a \
           full stream, or a payload that breaks its schema.\n\
           - Are the streams as the catalog says, and reachable?\n\n\
           ```console\n$ tidings drift\n```",
    act: "- No stream, or a wrong one: `tidings plan`, then `tidings apply`.\n\
          - No answer: look after the servers, their leaders and disks. Whoever publishes the same event again with the \
          same id stores it once.\n\
          - Refused for its size or its payload: the publisher is wrong; the error names the limit or the field.",
    raised: Raised::ByService(rules),
};

const FAILED: &str = "status=~\"rejected|unknown\"";

fn rules(_: &Catalog, service: &Service) -> Vec<Rule> {
    if !publishes(service) {
        return Vec::new();
    }
    let all = Selector::service(&service.name);
    let failed = rate("service", PUBLISHED, &all.and(FAILED), "5m");
    let all = rate("service", PUBLISHED, &all, "5m");
    vec![Rule {
        subscription: None,
        expression: format!("{failed} / {all} > 0.01"),
        summary: format!(
            "{SERVICE}: {{{{ $value | humanizePercentage }}}} of what it publishes is not stored"
        ),
    }]
}

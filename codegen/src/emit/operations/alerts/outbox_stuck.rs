//! An outbox that is not relayed.

use super::{Alert, OF_PROCESS, PROCESS, Raised, Rule, Severity};
use crate::emit::operations::metrics::OUTBOX_OLDEST;

pub(in super::super) const ALERT: &Alert = &Alert {
    name: "OutboxStuck",
    severity: Severity::Critical,
    lasting: Some("5m"),
    meaning: "An event has been in the outbox of a service for more than five minutes, although it was to be published at \
              once. It is safe in the database, and so is what waits behind it.",
    look: "- *Outboxes, events*: do more and more wait? Then nothing is relayed. Else one event holds up those of its key.\n\
           - Does a relay run? It is part of the service, and says in its log why an event is tried again.\n\
           - Is [PublisherBreakerOpen](#publisher-breaker-open) or [PublishesFailing](#publishes-failing) raised as well? \
           Begin there.",
    act: "- The server cannot be reached, or has no stream for the event: repair that; the relay goes on by itself.\n\
          - No relay runs: start the service. Where instances only write, one has to relay.\n\
          - The database is slow or locked: look after it.",
    raised: Raised::ByProcess(rule),
};

/// So many seconds.
const LONGEST: u32 = 300;

fn rule() -> Rule {
    Rule {
        subscription: None,
        expression: format!("max by ({OF_PROCESS}) ({OUTBOX_OLDEST}) > {LONGEST}"),
        summary: format!(
            "{PROCESS}: the oldest event of its outbox has waited for {{{{ $value | humanizeDuration }}}}"
        ),
    }
}

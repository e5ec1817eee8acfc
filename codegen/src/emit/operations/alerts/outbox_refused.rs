//! Events of an outbox that the server will never take.

use super::{Alert, OF_PROCESS, PROCESS, Raised, Rule, Severity};
use crate::emit::operations::metrics::OUTBOX_DEAD;

pub(in super::super) const ALERT: &Alert = &Alert {
    name: "OutboxRefused",
    severity: Severity::Warning,
    lasting: None,
    meaning: "The server refused events of an outbox for good, as too large ones. They stay in the database, with the \
              reason, and are not tried again by themselves. Their transactions are committed: others wait for what these \
              events would tell.",
    look: "The service reads them with `outbox.dead()`: each with the event's id, its type and the reason. The log has the \
           same, from when it happened.",
    act: "Repair what the reason names, as the limit of a stream or of the server, and have each sent again with \
          `outbox.retry(id)`. What is not to be sent any more is removed with `outbox.discard(id)`.",
    raised: Raised::ByProcess(rule),
};

fn rule() -> Rule {
    Rule {
        subscription: None,
        expression: format!("max by ({OF_PROCESS}) ({OUTBOX_DEAD}) > 0"),
        summary: format!("{PROCESS}: {{{{ $value }}}} events of its outbox were refused for good"),
    }
}

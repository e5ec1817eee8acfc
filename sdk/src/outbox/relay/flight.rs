//! A row on its way to its stream.

use super::verdict::Verdict;
use crate::broker::Broker;
use crate::outbox::row::Waiting;
use crate::{BrokerError, Tidings};

/// A row that has come back from its way.
#[derive(Debug)]
pub(super) struct Landed {
    pub(super) row: Waiting,
    /// Whether all of its messages had been stored before, or why they are not stored.
    pub(super) outcome: Result<bool, BrokerError>,
}

/// Sends a row's messages, one after the other, each once: whether and when it is sent again depends on what becomes of
/// others.
pub(super) async fn send(bus: Tidings, mut row: Waiting) -> Landed {
    let mut known = true;
    let messages = match &row.messages {
        Ok(messages) => messages,
        Err(reason) => {
            let refused = BrokerError::Refused { code: 0, description: reason.clone() };
            return Landed { outcome: Err(refused), row };
        }
    };
    let mut outcome = Ok(());
    let mut sent = false;
    for message in messages {
        outcome = one(bus.broker(), message, &mut sent).await.map(|duplicate| known &= duplicate);
        if outcome.is_err() {
            break;
        }
    }
    if let Err(error) = &outcome {
        row.suspect |= sent && matches!(Verdict::of(error), Verdict::Away | Verdict::Over);
    }
    Landed { row, outcome: outcome.map(|()| known) }
}

async fn one(
    broker: &Broker,
    message: &crate::broker::Outgoing,
    sent: &mut bool,
) -> Result<bool, BrokerError> {
    let word = broker.send(message).await?;
    *sent = true;
    tracing::trace!(id = message.message_id, "on its way");
    Ok(word.await?.duplicate)
}

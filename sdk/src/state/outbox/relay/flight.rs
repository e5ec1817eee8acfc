//! A row on its way to its stream.

use super::verdict::Verdict;
use crate::broker::Outgoing;
use crate::outbox::row::Waiting;
use crate::publisher::{Word, send_once};
use crate::{BrokerError, Tidings, message::claim};

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
    let messages = match &row.messages {
        Ok(messages) => messages,
        Err(reason) => {
            let refused = BrokerError::Refused { code: 0, description: reason.clone() };
            return Landed { outcome: Err(refused), row };
        }
    };
    let mut known = true;
    let mut stored = 0;
    let outcome = loop {
        let Some(message) = messages.get(stored) else { break Ok(known) };
        match one(&bus, message).await {
            Ok(duplicate) => known &= duplicate,
            Err(error) => break Err(error),
        }
        stored += 1;
    };
    if let Err(Unsent { error, perhaps }) = &outcome {
        let may_be_stored = matches!(
            Verdict::of(error),
            Verdict::Away | Verdict::Silent | Verdict::Event | Verdict::Over
        );
        row.suspect |= stored > 0 || (*perhaps && may_be_stored);
    }
    Landed { row, outcome: outcome.map_err(|unsent| unsent.error) }
}

/// A message of which there is no word.
struct Unsent {
    error: BrokerError,
    /// Whether it was sent nevertheless.
    perhaps: bool,
}

async fn one(bus: &Tidings, message: &Outgoing) -> Result<bool, Unsent> {
    if claim::is_due(bus, message) {
        return Box::pin(apart(bus, message.clone())).await;
    }
    sent(bus, message).await
}

/// Sends a message whose payload is put aside before.
async fn apart(bus: &Tidings, mut message: Outgoing) -> Result<bool, Unsent> {
    let left = claim::leave(bus, &mut message).await;
    let left = left.map_err(|error| Unsent { error, perhaps: false })?;
    let word = sent(bus, &message).await;
    let may_be_stored = match &word {
        // What was there before has a payload of its own.
        Ok(duplicate) => !duplicate,
        Err(Unsent { error, perhaps }) => {
            *perhaps && (error.is_unreachable() || matches!(error, BrokerError::Closed))
        }
    };
    if let Some(left) = left.filter(|_| !may_be_stored) {
        left.remove().await;
    }
    word
}

async fn sent(bus: &Tidings, message: &Outgoing) -> Result<bool, Unsent> {
    let unsent = |error| Unsent { error, perhaps: false };
    let word = send_once(bus, message).await.map_err(unsent)?;
    tracing::trace!(id = message.message_id, "on its way");
    match word.await {
        Word::Heard(Ok(stored)) => Ok(stored.duplicate),
        Word::Heard(Err(error)) => Err(Unsent { error, perhaps: true }),
        Word::Unsent(error) => Err(unsent(error)),
    }
}

//! The policy of publishing: the same message with the same id until the stream's word or the deadline.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

use super::{PublishError, Published};
use crate::broker::{BrokerError, MESSAGE_ID, Outgoing, Stored};
use crate::{Tidings, retry};

/// How long an event is tried. Shorter than any duplicate window, so that no attempt stores a second copy.
const DEADLINE: Duration = Duration::from_secs(30);
/// The first pause between attempts; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

type Word = Pin<Box<dyn Future<Output = Result<Stored, BrokerError>> + Send>>;

/// A message that was sent once and whose answer is awaited later.
pub(crate) struct Transmission {
    bus: Tidings,
    event_type: &'static str,
    message: Outgoing,
    begun: Instant,
    first: Result<Word, BrokerError>,
}

impl Transmission {
    /// Sends for the first time.
    pub(crate) async fn begin(
        bus: Tidings,
        event_type: &'static str,
        message: Outgoing,
    ) -> Result<Self, PublishError> {
        let begun = Instant::now();
        let first = match bus.broker().send(&message).await {
            Ok(word) => Ok(Box::pin(word) as Word),
            Err(source @ BrokerError::Conflict { .. }) => Err(source),
            Err(source) if source.is_transient() => Err(source),
            Err(source) => return Err(PublishError::Rejected { event_type, source }),
        };
        Ok(Self { bus, event_type, message, begun, first })
    }

    pub(crate) fn id(&self) -> &str {
        &self.message.message_id
    }

    /// Waits for the stream's word, sending again as long as there may be one.
    pub(crate) async fn finish(self) -> Result<Published, PublishError> {
        let Self { bus, event_type, message, begun, first } = self;
        let deadline = begun + DEADLINE;
        let mut outcome = match first {
            Ok(word) => word.await,
            Err(error) => Err(error),
        };
        let mut attempts = 1;
        loop {
            let error = match outcome {
                Ok(Stored { sequence, duplicate }) => {
                    // What an earlier attempt of ours stored is no duplicate to the caller.
                    let duplicate = duplicate && attempts == 1;
                    return Ok(published(message, &Stored { sequence, duplicate }));
                }
                Err(error) => error,
            };
            if let BrokerError::Conflict { .. } = error {
                match last(&bus, &message).await {
                    Ok((sequence, true)) => {
                        let stored = Stored { sequence, duplicate: false };
                        return Ok(published(message, &stored));
                    }
                    Ok((sequence, false)) => {
                        return Err(PublishError::Conflict { event_type, last: sequence });
                    }
                    Err(_) => {}
                }
            } else if !error.is_transient() {
                return Err(PublishError::Rejected { event_type, source: error });
            }
            let pause = retry::doubling(FIRST_PAUSE, LONGEST_PAUSE, attempts);
            if Instant::now() + pause >= deadline {
                let elapsed = begun.elapsed();
                let id = message.message_id;
                return Err(PublishError::Unknown {
                    event_type,
                    id,
                    attempts,
                    elapsed,
                    source: error,
                });
            }
            tracing::debug!(event_type, id = message.message_id, attempts, %error, "publishing again");
            tokio::time::sleep(pause).await;
            attempts += 1;
            outcome = once(&bus, &message).await;
        }
    }
}

/// Publishes and waits for the stream's word.
pub(crate) async fn transmit(
    bus: &Tidings,
    event_type: &'static str,
    message: Outgoing,
) -> Result<Published, PublishError> {
    Transmission::begin(bus.clone(), event_type, message).await?.finish().await
}

async fn once(bus: &Tidings, message: &Outgoing) -> Result<Stored, BrokerError> {
    bus.broker().send(message).await?.await
}

/// The sequence of the last message on the subject, and whether an earlier attempt of ours stored it: servers differ
/// in whether they call that a duplicate or a conflict.
async fn last(bus: &Tidings, message: &Outgoing) -> Result<(u64, bool), BrokerError> {
    let last = bus.broker().last_message(message.stream, &message.subject).await?;
    Ok(last.map_or((0, false), |last| {
        (last.sequence, last.headers.get(MESSAGE_ID) == Some(&message.message_id))
    }))
}

fn published(message: Outgoing, stored: &Stored) -> Published {
    Published {
        id: message.message_id,
        stream: message.stream,
        sequence: (!stored.duplicate && stored.sequence > 0).then_some(stored.sequence),
        duplicate: stored.duplicate,
    }
}

//! Many events on their way at once: the next is sent before the last has its word.

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::batch::Batch;
use super::transmit::{Attempt, finish, transmit};
use super::{PublishError, Published, guard};
use crate::breaker::Permit;
use crate::broker::{Outgoing, Stored};
use crate::{BrokerError, Tidings};

/// A place for an event on its way. Waits while too many are.
pub(super) async fn place(bus: &Tidings) -> Option<OwnedSemaphorePermit> {
    // Nobody closes it, so there is one.
    bus.enqueued().acquire_owned().await.ok()
}

/// Sends the messages of an event, in order, and gives a future that goes on until each has its word.
pub(super) async fn launch(
    bus: &Tidings,
    batch: Batch,
    place: Option<OwnedSemaphorePermit>,
    permit: Permit,
) -> Result<impl Future<Output = Result<Published, PublishError>> + Send + use<>, PublishError> {
    let bus = bus.clone();
    let (event_type, id) = (batch.event_type, batch.id().to_owned());
    let rejected = |source| PublishError::Rejected { event_type, source };
    let (messages, mut words) = batch.split();
    let mut sent: Vec<Sent<_>> = Vec::with_capacity(messages.len());
    for message in messages {
        let waits = sent.first().is_some_and(Sent::is_expecting);
        let at = Instant::now();
        let begun = match waits {
            // What comes behind it is stored only if it is.
            true => None,
            false => Some(bus.broker().send(&message).await),
        };
        match begun {
            Some(Err(error)) if sent.is_empty() && !may_pass(&error) => {
                let error = rejected(error);
                guard::conclude(permit, event_type, &id, Err(&error));
                return Err(error);
            }
            begun => sent.push(Sent { message, at, begun }),
        }
    }
    Ok(async move {
        let _place = place;
        let mut result = Ok(());
        for sent in sent {
            result = words.hear(sent.finish(&bus, event_type).await);
            if result.is_err() {
                break;
            }
        }
        let result = result.map(|()| words.own());
        guard::conclude(permit, event_type, &id, result.as_ref().map(Published::outcome));
        result
    })
}

/// Whether it is worth to go on after such an error.
fn may_pass(error: &BrokerError) -> bool {
    error.is_transient() || matches!(error, BrokerError::Conflict { .. })
}

/// A message of an event on its way.
struct Sent<W> {
    message: Outgoing,
    at: Instant,
    /// The stream's word, or why it was not sent; none where its turn has not come.
    begun: Option<Result<W, BrokerError>>,
}

impl<W: Future<Output = Result<Stored, BrokerError>>> Sent<W> {
    fn is_expecting(&self) -> bool {
        self.message.expected_last_subject_sequence.is_some()
    }

    async fn finish(
        self,
        bus: &Tidings,
        event_type: &'static str,
    ) -> Result<Published, PublishError> {
        let first = match self.begun {
            None => return transmit(bus, event_type, self.message).await,
            Some(Ok(word)) => Attempt::of(word.await),
            Some(Err(error)) => Attempt::Refused(error),
        };
        finish(bus, event_type, self.message, self.at, first).await
    }
}

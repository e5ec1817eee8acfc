//! One message on its way, as it is with most events: no task waits for its word.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::time::Instant;

use super::group::{self, Word};
use super::pipeline::{Hears, Place, Unsent, may_pass};
use super::transmit::{Attempt, finish, published};
use super::{PublishError, Published, guard};
use crate::broker::{Outgoing, Soon};
use crate::resilience::breaker::Permit;
use crate::{BrokerError, Tidings};

/// A message and who hears of it, in the hands of whoever has its word first.
struct Flight<H> {
    event_type: &'static str,
    message: Outgoing,
    begun: Instant,
    /// Taken by whoever concludes it.
    held: Mutex<Option<Held<H>>>,
}

/// What is let go of with the word.
struct Held<H> {
    place: Place,
    permit: Permit,
    hears: H,
    /// What came of sending it once, where it is to be sent again.
    first: Option<Attempt>,
}

/// Sends the message of an event, again as long as there may be a word from the stream.
///
/// # Errors
/// It cannot be sent at all.
pub(super) fn launch<H: Hears>(
    bus: &Tidings,
    event_type: &'static str,
    message: Outgoing,
    place: Place,
    permit: Permit,
    hears: H,
) -> Soon<Result<(), Box<Unsent<H>>>> {
    let held = Held { place, permit, hears, first: None };
    let (begun, held) = (Instant::now(), Mutex::new(Some(held)));
    let flight = Arc::new(Flight { event_type, message, begun, held });
    let own = Arc::clone(&flight);
    let posted = group::post(bus, &flight.message, |word| own.heard(word));
    posted.map(|posted| match posted {
        Ok(()) => Ok(()),
        Err(error) => flight.unsent(error),
    })
}

impl<H: Hears> Flight<H> {
    /// It was not sent. Whoever was to hear of it is given back where it cannot be.
    fn unsent(self: Arc<Self>, error: BrokerError) -> Result<(), Box<Unsent<H>>> {
        let Some(held) = self.take() else { return Ok(()) };
        if may_pass(&error) {
            self.go_on(held, Attempt::Refused(error));
            return Ok(());
        }
        let (event_type, id) = (self.event_type, &self.message.message_id);
        let error = PublishError::Rejected { event_type, source: error };
        guard::conclude(held.place.bus(), held.permit, event_type, id, Err(&error));
        Err(Box::new(Unsent { hears: held.hears, error }))
    }

    fn heard(self: Arc<Self>, word: Word) {
        let Some(held) = self.take() else { return };
        match Attempt::from(word) {
            Attempt::Stored(stored) => held.hears.span().in_scope(|| {
                let (event_type, stream) = (self.event_type, self.message.stream);
                // As a rule, nobody else has it any more.
                let id = match Arc::try_unwrap(self) {
                    Ok(flight) => flight.message.message_id,
                    Err(shared) => shared.message.message_id.clone(),
                };
                let published = published(id, stream, &stored, false);
                let (bus, outcome) = (held.place.bus(), published.outcome());
                guard::conclude(bus, held.permit, event_type, &published.id, Ok(outcome));
                held.hears.heard(Ok(published));
            }),
            attempt => self.go_on(held, attempt),
        }
    }

    /// Has it sent again, or says why it is not.
    fn go_on(self: Arc<Self>, held: Held<H>, first: Attempt) {
        let span = held.hears.span();
        // The runtime of whoever connected outlives those of single callers.
        let runtimes = [held.place.bus().background().runtime(), Handle::try_current().ok()];
        *self.held() = Some(Held { first: Some(first), ..held });
        for runtime in runtimes.into_iter().flatten() {
            let task = runtime.spawn(span.clone().instrument(Arc::clone(&self).finish()));
            // One that has ended drops the task at once.
            if !task.is_finished() || self.held().is_none() {
                return;
            }
        }
        // Without any, it is let go of, and nobody knows.
        self.held().take();
    }

    async fn finish(self: Arc<Self>) {
        let Some(mut held) = self.take() else { return };
        let Some(first) = held.first.take() else { return };
        let (bus, Self { event_type, message, begun, .. }) = (held.place.bus(), &*self);
        let word = finish(bus, event_type, message.clone(), *begun, first).await;
        let outcome = word.as_ref().map(Published::outcome);
        guard::conclude(bus, held.permit, event_type, &message.message_id, outcome);
        held.hears.heard(word);
    }

    fn take(&self) -> Option<Held<H>> {
        self.held().take()
    }

    fn held(&self) -> MutexGuard<'_, Option<Held<H>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! One message on its way, as it is with most events: no task waits for its word.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::time::Instant;

use super::group::{self, Word};
use super::pipeline::{Hears, Place, may_pass};
use super::transmit::{Attempt, finish, published};
use super::{PublishError, Published, guard};
use crate::Tidings;
use crate::broker::Outgoing;
use crate::resilience::breaker::Permit;

/// A message and who hears of it, in the hands of whoever has its word first.
struct Flight<H> {
    bus: Tidings,
    event_type: &'static str,
    message: Outgoing,
    begun: Instant,
    /// Taken by whoever concludes it.
    held: Mutex<Option<Held<H>>>,
}

/// What is let go of with the word.
struct Held<H> {
    _place: Place,
    permit: Permit,
    hears: H,
    /// What came of sending it once, where it is to be sent again.
    first: Option<Attempt>,
}

/// Sends the message of an event, again as long as there may be a word from the stream.
///
/// # Errors
/// It cannot be sent at all. Whoever was to hear of it is given back.
pub(super) async fn launch<H: Hears>(
    bus: &Tidings,
    event_type: &'static str,
    message: Outgoing,
    place: Place,
    permit: Permit,
    hears: H,
) -> Result<(), (H, PublishError)> {
    let held = Held { _place: place, permit, hears, first: None };
    let flight = Arc::new(Flight {
        bus: bus.clone(),
        event_type,
        message,
        begun: Instant::now(),
        held: Mutex::new(Some(held)),
    });
    let own = Arc::clone(&flight);
    let Err(error) = group::post(bus, &flight.message, |word| own.heard(word)).await else {
        return Ok(());
    };
    let Some(held) = flight.take() else { return Ok(()) };
    if may_pass(&error) {
        flight.go_on(held, Attempt::Refused(error));
        return Ok(());
    }
    let error = PublishError::Rejected { event_type, source: error };
    guard::conclude(held.permit, event_type, &flight.message.message_id, Err(&error));
    Err((held.hears, error))
}

impl<H: Hears> Flight<H> {
    fn heard(self: Arc<Self>, word: Word) {
        let Some(held) = self.take() else { return };
        match Attempt::from(word) {
            Attempt::Stored(stored) => {
                held.hears.span().in_scope(|| {
                    let id = self.message.message_id.clone();
                    let word = published(id, self.message.stream, &stored, false);
                    held.conclude(&self, Ok(word));
                });
            }
            attempt => self.go_on(held, attempt),
        }
    }

    /// Has it sent again, or says why it is not.
    fn go_on(self: Arc<Self>, held: Held<H>, first: Attempt) {
        let span = held.hears.span();
        *self.held() = Some(Held { first: Some(first), ..held });
        // The runtime of whoever connected outlives those of single callers.
        let runtimes = [self.bus.background().runtime(), Handle::try_current().ok()];
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
        let Self { bus, event_type, message, begun, .. } = &*self;
        let word = finish(bus, event_type, message.clone(), *begun, first).await;
        held.conclude(&self, word);
    }

    fn take(&self) -> Option<Held<H>> {
        self.held().take()
    }

    fn held(&self) -> MutexGuard<'_, Option<Held<H>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<H: Hears> Held<H> {
    fn conclude(self, flight: &Flight<H>, word: Result<Published, PublishError>) {
        let Self { _place, permit, hears, .. } = self;
        let (event_type, id) = (flight.event_type, &flight.message.message_id);
        guard::conclude(permit, event_type, id, word.as_ref().map(Published::outcome));
        hears.heard(word);
    }
}

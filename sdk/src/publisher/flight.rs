//! One message on its way, as it is with most events: no task waits for its word.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::pipeline::{Hears, Place, may_pass};
use super::transmit::{Attempt, finish, published};
use super::{PublishError, Published, guard};
use crate::Tidings;
use crate::broker::{BrokerError, Outgoing, Stored};
use crate::resilience::breaker::Permit;

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
    let held = Held { _place: place, permit, hears };
    let flight = Arc::new(Flight {
        bus: bus.clone(),
        event_type,
        message,
        begun: Instant::now(),
        held: Mutex::new(Some(held)),
    });
    let own = Arc::clone(&flight);
    let Err(error) = bus.broker().post(&flight.message, |stored| own.heard(stored)).await else {
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
    fn heard(self: Arc<Self>, stored: Result<Stored, BrokerError>) {
        let Some(held) = self.take() else { return };
        match Attempt::of(stored) {
            Attempt::Stored(stored) => {
                let _span = held.hears.span().entered();
                let id = self.message.message_id.clone();
                let word = published(id, self.message.stream, &stored, false);
                held.conclude(self.event_type, &self.message.message_id, Ok(word));
            }
            attempt => self.go_on(held, attempt),
        }
    }

    /// Has it sent again, or says why it is not.
    fn go_on(self: Arc<Self>, held: Held<H>, first: Attempt) {
        // The runtime of whoever connected outlives those of single callers.
        let runtime = self.bus.background().runtime().or_else(|| Handle::try_current().ok());
        // Without any, it is let go of, and nobody knows.
        let Some(runtime) = runtime else { return };
        let span = held.hears.span();
        runtime.spawn(
            async move {
                let Self { bus, event_type, message, begun, .. } = &*self;
                let id = message.message_id.clone();
                let word = finish(bus, event_type, message.clone(), *begun, first).await;
                held.conclude(event_type, &id, word);
            }
            .instrument(span),
        );
    }

    fn take(&self) -> Option<Held<H>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<H: Hears> Held<H> {
    fn conclude(self, event_type: &'static str, id: &str, word: Result<Published, PublishError>) {
        let Self { _place, permit, hears } = self;
        guard::conclude(permit, event_type, id, word.as_ref().map(Published::outcome));
        hears.heard(word);
    }
}

//! Many events on their way at once: the next is sent before the last has its word.

use tokio::sync::Semaphore;
use tokio::task::coop::has_budget_remaining;
use tokio::time::Instant;

use super::batch::Batch;
use super::group::{self, Word};
use super::tickets::Tickets;
use super::transmit::{Attempt, finish, transmit};
use super::{PublishError, Published, flight, guard};
use crate::broker::{Outgoing, Soon};
use crate::message::claim::{self, Left};
use crate::operations::traces::Span;
use crate::resilience::breaker::Permit;
use crate::{BrokerError, Tidings};

/// How many messages of enqueued events may be on their way at once; an event's copies in older versions count.
const MESSAGES: u32 = 1024;

/// The events on their way.
#[derive(Debug)]
pub(crate) struct Pipeline {
    places: Semaphore,
    tickets: Tickets,
}

impl Pipeline {
    pub(crate) fn new() -> Self {
        Self { places: Semaphore::new(MESSAGES as usize), tickets: Tickets::default() }
    }

    /// Returns once everything that has a place by now has its word.
    pub(crate) async fn passed(&self) {
        self.tickets.passed(|| {}).await;
    }
}

/// The place of an event on its way, of a connection's pipeline.
#[derive(Debug)]
pub(super) struct Place {
    /// All that an event on its way shares with others: what is counted for each of them is counted once.
    bus: Tidings,
    messages: u32,
    ticket: u64,
}

impl Place {
    /// A place for an event of so many messages. Waits while too many are on their way.
    pub(super) fn of(bus: &Tidings, messages: usize) -> Soon<Self> {
        let messages = u32::try_from(messages).unwrap_or(MESSAGES).min(MESSAGES);
        // Whoever enqueues in a loop has to let others run now and then.
        if has_budget_remaining()
            && let Ok(permit) = bus.pipeline().places.try_acquire_many(messages)
        {
            permit.forget();
            return Soon::now(Self::taken(bus.clone(), messages));
        }
        let bus = bus.clone();
        Soon::later(async move {
            // Nobody closes it, so there is one.
            let permit = bus.pipeline().places.acquire_many(messages).await;
            let messages = permit.map_or(0, |permit| {
                permit.forget();
                messages
            });
            Self::taken(bus, messages)
        })
    }

    fn taken(bus: Tidings, messages: u32) -> Self {
        let ticket = bus.pipeline().tickets.take_loose();
        Self { bus, messages, ticket }
    }

    pub(super) fn bus(&self) -> &Tidings {
        &self.bus
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Pipeline { places, tickets } = self.bus.pipeline();
        places.add_permits(self.messages as usize);
        tickets.give_back(self.ticket);
    }
}

/// Hears what became of an event that was launched.
pub(super) trait Hears: Send + 'static {
    /// Its word.
    fn heard(self, word: Result<Published, PublishError>);

    /// The span of its publish.
    fn span(&self) -> Span;
}

/// An event that cannot be sent at all, and whoever was to hear of it.
pub(super) struct Unsent<H> {
    pub(super) hears: H,
    pub(super) error: PublishError,
}

/// Sends the messages of an event, in order, and goes on until each has its word.
///
/// # Errors
/// The event cannot be sent at all.
pub(super) fn launch<H: Hears>(
    bus: &Tidings,
    batch: Batch,
    place: Place,
    permit: Permit,
    hears: H,
) -> Soon<Result<(), Box<Unsent<H>>>> {
    let event_type = batch.event_type;
    match batch.alone(|message| !claim::is_due(bus, message)) {
        Ok(message) => flight::launch(bus, event_type, message, place, permit, hears),
        Err(batch) => Soon::later(launch_all(batch, place, permit, hears)),
    }
}

/// The same for an event of several messages, or with a payload that is put aside.
async fn launch_all<H: Hears>(
    batch: Batch,
    place: Place,
    permit: Permit,
    hears: H,
) -> Result<(), Box<Unsent<H>>> {
    match begun(batch, place, permit).await {
        Ok(word) => {
            let span = hears.span();
            tokio::spawn(span.instrument(async move { hears.heard(word.await) }));
            Ok(())
        }
        Err(error) => Err(Box::new(Unsent { hears, error })),
    }
}

/// Sends the messages of an event, in order, and gives a future that goes on until each has its word.
async fn begun(
    batch: Batch,
    place: Place,
    permit: Permit,
) -> Result<impl Future<Output = Result<Published, PublishError>> + Send + use<>, PublishError> {
    let bus = place.bus().clone();
    let (event_type, id) = (batch.event_type, batch.id().to_owned());
    let rejected = |source| PublishError::Rejected { event_type, source };
    let (messages, mut words) = batch.split();
    let mut sent: Vec<Sent<_>> = Vec::with_capacity(messages.len());
    let mut hopeless = false;
    for mut message in messages {
        // What comes behind one that expects something is stored only if that one is.
        let waits = hopeless || sent.first().is_some_and(Sent::is_expecting);
        let (left, begun) = if waits {
            (None, Begun::Waits)
        } else {
            match claim::leave(&bus, &mut message).await {
                Ok(left) => (left, group::send(&bus, &message).await.into()),
                Err(error) => (None, Begun::Unfit(error)),
            }
        };
        let at = Instant::now();
        match begun {
            Begun::Unsent(error) if sent.is_empty() && !may_pass(&error) => {
                if let Some(left) = left {
                    left.remove().await;
                }
                let error = rejected(error);
                guard::conclude(&bus, permit, event_type, &id, Err(&error));
                return Err(error);
            }
            // It was tried for long enough.
            Begun::Unfit(error) if sent.is_empty() => {
                let error = rejected(error);
                guard::conclude(&bus, permit, event_type, &id, Err(&error));
                return Err(error);
            }
            begun => {
                hopeless |= match &begun {
                    Begun::Unfit(_) => true,
                    Begun::Unsent(error) => !may_pass(error),
                    Begun::Waits | Begun::Sent(_) => false,
                };
                sent.push(Sent { message, at, left, begun });
            }
        }
    }
    Ok(async move {
        let _place = place;
        for sent in sent {
            // What has been sent has a word; what has not need not be.
            if words.are_good() || sent.is_out() {
                words.hear(sent.finish(&bus, event_type).await);
            }
        }
        let result = words.own();
        guard::conclude(&bus, permit, event_type, &id, result.as_ref().map(Published::outcome));
        result
    })
}

/// Whether it is worth to go on after such an error.
pub(super) fn may_pass(error: &BrokerError) -> bool {
    error.is_transient() || matches!(error, BrokerError::Conflict { .. })
}

/// A message of an event on its way.
struct Sent<W> {
    message: Outgoing,
    at: Instant,
    left: Option<Left>,
    begun: Begun<W>,
}

/// How far a message has come.
enum Begun<W> {
    /// Its turn has not come.
    Waits,
    /// Its payload could not be put aside.
    Unfit(BrokerError),
    /// It was not sent.
    Unsent(BrokerError),
    /// The stream's word is awaited.
    Sent(W),
}

impl<W> From<Result<W, BrokerError>> for Begun<W> {
    fn from(sent: Result<W, BrokerError>) -> Self {
        match sent {
            Ok(word) => Self::Sent(word),
            Err(error) => Self::Unsent(error),
        }
    }
}

impl<W: Future<Output = Word>> Sent<W> {
    fn is_expecting(&self) -> bool {
        self.message.expected_last_subject_sequence.is_some()
    }

    fn is_out(&self) -> bool {
        matches!(self.begun, Begun::Sent(_))
    }

    async fn finish(
        self,
        bus: &Tidings,
        event_type: &'static str,
    ) -> Result<Published, PublishError> {
        let first = match self.begun {
            Begun::Waits => return transmit(bus, event_type, self.message).await,
            Begun::Unfit(source) => return Err(PublishError::Rejected { event_type, source }),
            Begun::Unsent(error) => Attempt::Refused(error),
            Begun::Sent(word) => word.await.into(),
        };
        let word = finish(bus, event_type, self.message, self.at, first).await;
        if let Some(left) = self.left {
            left.settle(word.as_ref().map(Published::outcome)).await;
        }
        word
    }
}

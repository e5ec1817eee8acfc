//! Publishing without waiting: a bounded queue, what happens when it is full, and word of what is lost.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::time::Instant;

use super::draft::Draft;
use super::observed::Observed;
use super::pipeline::{Hears, Place, Unsent};
use super::tickets::{Ticket, Tickets};
use super::{Outcome, PublishError, Published, pipeline};
use crate::operations::traces::Span;
use crate::resilience::panic::panicked;
use crate::{BrokerError, Tidings};

/// How a connection publishes what is handed to it by [`Publish::in_background`](crate::Publish::in_background).
///
/// ```
/// use tidings::{Background, Overflow, Tidings};
///
/// let bus = Tidings::embedded();
/// let views = Background::default()
///     .capacity(10_000)
///     .overflow(Overflow::DropOldest)
///     .on_lost(|lost| eprintln!("{} {} is lost: {}", lost.event_type, lost.id, lost.loss));
/// bus.set_background(views);
/// ```
#[derive(Clone)]
pub struct Background {
    capacity: usize,
    overflow: Overflow,
    on_lost: Option<OnLost>,
}

type OnLost = Arc<dyn Fn(&Lost) + Send + Sync>;

/// What happens to an event that finds the queue full.
///
/// ```
/// use tidings::{Background, Overflow};
///
/// let newest_count = Background::default().overflow(Overflow::DropOldest);
/// # let _ = newest_count;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    /// It is refused: [`PublishError::QueueFull`]. The default.
    #[default]
    RejectNew,
    /// It takes the place of the one that waits longest, which is lost.
    DropOldest,
}

/// An event that was taken in and is not known to be stored.
#[derive(Debug)]
#[non_exhaustive]
pub struct Lost {
    /// The event.
    pub event_type: &'static str,
    /// Its id.
    pub id: String,
    /// How it was lost.
    pub loss: Loss,
}

/// How an event that was taken in was lost.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Loss {
    /// A newer one took its place. It was not sent.
    #[error("it was dropped from the full queue")]
    Overflow,
    /// The connection was closed before its turn came. It was not sent.
    #[error("the connection was closed before it was sent")]
    Closed,
    /// It was sent, and the error says what became of it.
    #[error(transparent)]
    Failed(PublishError),
}

/// What became of the events of [`Publish::in_background`](crate::Publish::in_background) since the connection was made.
///
/// ```
/// let bus = tidings::Tidings::embedded();
/// let counts = bus.background_counts();
/// println!("{} wait, {} are lost", counts.waiting, counts.dropped + counts.failed);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackgroundCounts {
    /// Taken in, and still without a word from the stream.
    pub waiting: usize,
    /// Stored, duplicates included.
    pub published: u64,
    /// Refused because the queue was full.
    pub rejected: u64,
    /// Dropped from the queue: by newer ones, or when the connection was closed.
    pub dropped: u64,
    /// Sent, and not stored, or not known to be.
    pub failed: u64,
}

impl Background {
    /// Events that may wait to be sent. Default: 4,096; at least 1.
    #[must_use]
    pub fn capacity(mut self, events: usize) -> Self {
        self.capacity = events.max(1);
        self
    }

    /// What happens when that many wait.
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// Called with each event that is lost, on the task that finds out: it should be quick. Without it, losses are logged.
    #[must_use]
    pub fn on_lost(mut self, on_lost: impl Fn(&Lost) + Send + Sync + 'static) -> Self {
        self.on_lost = Some(Arc::new(on_lost));
        self
    }
}

impl Default for Background {
    fn default() -> Self {
        Self { capacity: 4096, overflow: Overflow::default(), on_lost: None }
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background")
            .field("capacity", &self.capacity)
            .field("overflow", &self.overflow)
            .finish_non_exhaustive()
    }
}

/// The events that wait, and what became of the others.
#[derive(Debug)]
pub(crate) struct Queue {
    line: Mutex<Line>,
    /// Out are those of events without a word yet, those on their way included.
    tickets: Tickets,
    published: AtomicU64,
    rejected: AtomicU64,
    dropped: AtomicU64,
    failed: AtomicU64,
    /// The runtime of whoever connected.
    runtime: Option<Handle>,
}

#[derive(Debug, Default)]
struct Line {
    background: Background,
    events: VecDeque<Waiting>,
    /// Whether a task sends them.
    worked: bool,
    closed: bool,
}

/// An event that waits to be sent.
#[derive(Debug)]
struct Waiting {
    draft: Draft,
    observed: Observed,
    ticket: Ticket,
}

impl Queue {
    pub(crate) fn new() -> Self {
        Self {
            line: Mutex::default(),
            tickets: Tickets::default(),
            published: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            runtime: Handle::try_current().ok(),
        }
    }

    /// The runtime of whoever connected.
    pub(super) fn runtime(&self) -> Option<Handle> {
        self.runtime.clone()
    }

    pub(crate) fn set(&self, background: Background) {
        self.line().background = background;
    }

    pub(crate) fn counts(&self) -> BackgroundCounts {
        BackgroundCounts {
            waiting: self.tickets.out(),
            published: self.published.load(Ordering::Relaxed),
            rejected: self.rejected.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
        }
    }

    /// Returns once every event that was taken in by now has its word, or is lost.
    pub(crate) async fn passed(bus: &Tidings) {
        // Whoever was at it may have ended with its runtime.
        bus.background().tickets.passed(|| Self::start(bus)).await;
    }

    /// Takes in no more.
    pub(crate) fn refuse(&self) {
        self.line().closed = true;
    }

    /// Lets go of what has not been sent.
    pub(crate) fn abandon(&self) {
        let events = std::mem::take(&mut self.line().events);
        for waiting in events {
            self.drop(waiting, Loss::Closed);
        }
    }

    /// Takes in an event, and has it sent.
    pub(super) fn push(
        bus: &Tidings,
        draft: Draft,
        observed: Observed,
    ) -> Result<(), PublishError> {
        let (queue, event_type) = (bus.background(), draft.event_type);
        let mut line = queue.line();
        if line.closed {
            let closed = PublishError::Rejected { event_type, source: BrokerError::Closed };
            return Err(observed.failed(closed));
        }
        let Background { capacity, overflow, .. } = line.background;
        let full = line.events.len() >= capacity;
        if full && overflow == Overflow::RejectNew {
            queue.rejected.fetch_add(1, Ordering::Relaxed);
            return Err(observed.failed(PublishError::QueueFull { event_type, capacity }));
        }
        let oldest = if full { line.events.pop_front() } else { None };
        line.events.push_back(Waiting { draft, observed, ticket: queue.tickets.take() });
        drop(line);
        Self::start(bus);
        if let Some(oldest) = oldest {
            queue.drop(oldest, Loss::Overflow);
        }
        Ok(())
    }

    /// Lets go of an event that was not sent.
    fn drop(&self, waiting: Waiting, loss: Loss) {
        let Waiting { draft, observed, ticket: _ticket } = waiting;
        observed.ended(Outcome::Rejected);
        self.dropped.fetch_add(1, Ordering::Relaxed);
        self.lost(draft.event_type, draft.id(), loss);
    }

    /// Has what waits sent: on the runtime of whoever connected, which outlives those of single callers; where it is gone, on
    /// the caller's. Outside of any it waits for the next event, or for whoever flushes.
    fn start(bus: &Tidings) {
        let queue = bus.background();
        for runtime in [queue.runtime.clone(), Handle::try_current().ok()].into_iter().flatten() {
            {
                let mut line = queue.line();
                if line.worked || line.events.is_empty() {
                    return;
                }
                line.worked = true;
            }
            // A runtime that has ended drops the task at once, and nobody is at work again.
            runtime.spawn(work(AtWork { bus: bus.clone(), done: false }));
        }
    }

    /// How many messages the next to be sent is; without one, nobody is at work any more.
    fn front(&self) -> Option<usize> {
        let mut line = self.line();
        let messages = line.events.front().map(|front| front.draft.len());
        line.worked = messages.is_some();
        messages
    }

    /// The next to be sent, if it is of so many messages: another may have come to the front.
    fn next(bus: &Tidings, messages: usize) -> Option<(Draft, Awaited)> {
        let mut line = bus.background().line();
        let next = line.events.pop_front_if(|front| front.draft.len() == messages)?;
        let Waiting { draft, observed, ticket } = next;
        let awaited = Awaited {
            bus: bus.clone(),
            event_type: draft.event_type,
            id: draft.id().to_owned(),
            begun: Instant::now(),
            observed: Some(observed),
            _ticket: ticket,
        };
        Some((draft, awaited))
    }

    fn lost(&self, event_type: &'static str, id: &str, loss: Loss) {
        let on_lost = self.line().background.on_lost.clone();
        match on_lost {
            Some(on_lost) => {
                let lost = Lost { event_type, id: id.to_owned(), loss };
                let told = catch_unwind(AssertUnwindSafe(|| on_lost(&lost)));
                if let Err(panic) = told {
                    let panic = panicked("`on_lost`", &*panic);
                    tracing::error!(event_type, id, loss = %lost.loss, panic, "an event is lost");
                }
            }
            None => {
                tracing::error!(event_type, id, %loss, "an event published in the background is lost");
            }
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held by whoever sends what waits.
struct AtWork {
    bus: Tidings,
    done: bool,
}

impl Drop for AtWork {
    /// It may end early, with its runtime: then another may take its place.
    fn drop(&mut self) {
        if !self.done {
            let queue = self.bus.background();
            queue.line().worked = false;
            queue.tickets.stir();
        }
    }
}

/// An event that was taken from the queue, and has no word yet.
struct Awaited {
    bus: Tidings,
    event_type: &'static str,
    id: String,
    begun: Instant,
    /// Until it was told.
    observed: Option<Observed>,
    /// Given back once it was told.
    _ticket: Ticket,
}

impl Awaited {
    fn tell(&mut self, word: Result<Published, PublishError>) {
        if let Some(observed) = self.observed.take() {
            observed.concluded(&word);
        }
        let queue = self.bus.background();
        match word {
            Ok(_) => {
                queue.published.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                queue.failed.fetch_add(1, Ordering::Relaxed);
                queue.lost(self.event_type, &self.id, Loss::Failed(error));
            }
        }
    }
}

impl Hears for Awaited {
    fn heard(mut self, word: Result<Published, PublishError>) {
        self.tell(word);
    }

    fn span(&self) -> Span {
        self.observed.as_ref().map_or_else(Span::none, Observed::span)
    }
}

impl Drop for Awaited {
    /// Its task has ended with its runtime, and by then the event may be stored.
    fn drop(&mut self) {
        if self.observed.is_some() {
            let unknown = PublishError::Unknown {
                event_type: self.event_type,
                id: self.id.clone(),
                attempts: 1,
                elapsed: self.begun.elapsed(),
                source: BrokerError::Closed,
            };
            self.tell(Err(unknown));
        }
    }
}

/// Sends what waits, in order, until nothing does. While the broker is away, what waits stays in the queue.
async fn work(mut at_work: AtWork) {
    let bus = &at_work.bus;
    while let Some(messages) = bus.background().front() {
        let place = Place::of(bus, messages).await;
        while bus.broker().reach().await.is_err_and(|error| error.is_unreachable()) {}
        let permit = bus.publishing().admitted().await;
        let Some((draft, awaited)) = Queue::next(bus, messages) else { continue };
        let span = awaited.span();
        let launching = async {
            match draft.seal(bus).await {
                Ok(batch) => pipeline::launch(bus, batch, place, permit, awaited).await,
                Err(error) => Err(Box::new(Unsent { hears: awaited, error })),
            }
        };
        if let Err(unsent) = span.instrument(launching).await {
            unsent.hears.heard(Err(unsent.error));
        }
    }
    at_work.done = true;
}

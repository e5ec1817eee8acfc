//! Many events at once, as fast as the stream takes them, and without ids to find duplicates by.

mod error;

use std::collections::VecDeque;

pub use self::error::BulkError;
use super::batch::Batch;
use super::draft::Draft;
use super::observed::Observed;
use super::{Origin, Outcome, Publish, PublishError, PublishUntyped, guard};
use crate::broker::{BrokerError, Ingest, Outgoing};
use crate::message::claim::{self, Left};
use crate::operations::traces::{self, Span};
use crate::resilience::breaker::Permit;
use crate::{Event, EventSpec, Tidings};

/// A load of many events of one stream: [`add`](Self::add) them, then [`finish`](Self::finish).
///
/// ```
/// # use event_catalog::catalog::{self, ProductCreated};
/// # use tidings::testing::example;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// # let range = (0..1000).map(|_| example::<ProductCreated>());
/// let publisher = catalog::Publisher::new(&bus).organization("acme");
/// let mut load = publisher.bulk();
/// for product in range {
///     load.add(publisher.product_created(product)).await?; // waits only while too many are on their way
/// }
/// let loaded = load.finish().await?; // all are stored
/// assert_eq!((loaded.events, loaded.last_sequence), (1000, Some(1000)));
/// # Ok(())
/// # }
/// ```
///
/// For imports, migrations and telemetry: a stream takes more events so than it takes of those that are
/// [enqueued](Publish::enqueue), because it looks for no duplicates and answers once for hundreds. **What is loaded twice is
/// stored twice.** The event's id is in its envelope as ever, and a subscription that is `idempotent` handles it once.
///
/// Each event is what it would be by itself: checked, encrypted, compressed, with copies in older versions. They lie in the
/// stream in the order in which they were added, perhaps with others in between, and are stored as they come. If the load breaks
/// off, its first events are stored, and the [error](BulkError::BrokenOff) says how many. It breaks off with its connection, and
/// is not tried again.
///
/// The stream has to be one with `bulk: true` in the catalog, and it takes nats-server 2.14 or newer; anything else is an error
/// that says so, and nothing is stored. What was stored of a load that is dropped before it is finished stays.
#[derive(Debug)]
#[must_use = "events are known to be stored once the load is finished"]
pub struct Bulk {
    origin: Origin,
    /// From the first event on.
    load: Option<Load>,
    /// How many events are stored for sure.
    stored: u64,
    broken: Option<Broken>,
}

/// What a [load](Bulk) has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// How many events were added, all of which are stored.
    pub events: u64,
    /// The place of the last message in the stream; none where nothing was added.
    pub last_sequence: Option<u64>,
}

/// How a load has broken off.
#[derive(Debug)]
struct Broken {
    /// Of how many events, behind those that are stored, nobody knows.
    unknown: u64,
    source: BrokerError,
}

#[derive(Debug)]
struct Load {
    ingest: Ingest,
    stream: &'static str,
    span: Span,
    /// Those that are not known to be stored yet.
    awaited: VecDeque<Awaited>,
    /// How many messages they are, those before them and copies in older versions included.
    messages: u64,
    /// Whether an event is being sent: if it is given up meanwhile, nobody knows how much of it was.
    is_sending: bool,
}

/// An event that was sent.
#[derive(Debug)]
struct Awaited {
    /// How many messages of the load are before its own, and with them.
    before: u64,
    with: u64,
    observed: Observed,
    left: Vec<Left>,
}

impl Bulk {
    pub(super) fn new(origin: Origin) -> Self {
        Self { origin, load: None, stored: 0, broken: None }
    }

    /// Adds an event. Returns when it is on its way, which is at once unless too many are; the first one waits for the stream's
    /// word that it takes loads. Whether it is stored is known when the load is finished.
    ///
    /// # Errors
    /// The event cannot be published, and the load [goes on](BulkError::is_end) without it; or the load has broken off.
    pub async fn add<E: Event>(&mut self, event: Publish<'_, E>) -> Result<(), BulkError> {
        self.still_whole().await?;
        if event.is_expecting() {
            return Err(BulkError::Expects { event_type: E::SPEC.event_type });
        }
        let span = self.span(E::SPEC);
        let written = span.in_scope(|| event.into_loaded());
        self.add_written(written, span).await
    }

    /// The same with an event whose type is known only when the program runs.
    ///
    /// # Errors
    /// As those of [`add`](Self::add).
    pub async fn add_untyped(&mut self, event: PublishUntyped) -> Result<(), BulkError> {
        self.still_whole().await?;
        let span = self.span(event.spec());
        let written = span.in_scope(|| event.into_loaded());
        self.add_written(written, span).await
    }

    /// Returns once all that was added is stored.
    ///
    /// # Errors
    /// [`BulkError::BrokenOff`]: it is not, or nobody knows.
    pub async fn finish(mut self) -> Result<Loaded, BulkError> {
        self.still_whole().await?;
        let Some(load) = &mut self.load else {
            return Ok(Loaded { events: 0, last_sequence: None });
        };
        let span = load.span.clone();
        match span.clone().instrument(load.ingest.finish()).await {
            Ok(last) => {
                self.stored += load.hear();
                traces::loaded(&span, self.stored, Outcome::Stored);
                Ok(Loaded { events: self.stored, last_sequence: Some(last) })
            }
            Err(cause) => Err(self.break_off(cause).await),
        }
    }

    /// How many of the first events are known to be stored by now: the stream says so now and then.
    pub fn stored(&self) -> u64 {
        self.stored
    }

    /// That of the load, which begins with its first event.
    fn span(&self, first: &EventSpec) -> Span {
        match &self.load {
            Some(load) => load.span.clone(),
            None => traces::load(&self.origin, first),
        }
    }

    async fn add_written(
        &mut self,
        (draft, observed): (Result<Draft, PublishError>, Observed),
        span: Span,
    ) -> Result<(), BulkError> {
        let adding = async {
            match draft {
                Ok(draft) => self.add_draft(draft, observed, &span).await,
                Err(error) => Err(observed.failed(error).into()),
            }
        };
        span.clone().instrument(adding).await
    }

    async fn add_draft(
        &mut self,
        draft: Draft,
        observed: Observed,
        span: &Span,
    ) -> Result<(), BulkError> {
        let (event_type, other) = (draft.event_type, draft.stream());
        if let Some(stream) = self.load.as_ref().map(|load| load.stream).filter(|own| *own != other)
        {
            observed.ended(Outcome::Rejected);
            return Err(BulkError::OtherStream { event_type, other, stream });
        }
        let bus = &self.origin.bus;
        let ready = match draft.seal(bus).await {
            Ok(batch) => ready(bus, batch).await,
            Err(error) => Err(error),
        };
        let (messages, left) = match ready {
            Ok(ready) => ready,
            Err(error) => return Err(observed.failed(error).into()),
        };
        let event = Awaited { before: 0, with: messages.len() as u64, observed, left };
        match &self.load {
            Some(_) => self.put(event, &messages).await,
            None => Box::pin(self.begin(event_type, event, &messages, span)).await,
        }
    }

    /// Begins with the first event.
    async fn begin(
        &mut self,
        event_type: &'static str,
        event: Awaited,
        messages: &[Outgoing],
        span: &Span,
    ) -> Result<(), BulkError> {
        let bus = self.origin.bus.clone();
        let permit = match guard::admit(&bus, event_type) {
            Ok(permit) => permit,
            Err(error) => {
                event.rejected().await;
                return Err(error.into());
            }
        };
        let Some(first) = messages.first() else { return Ok(()) };
        let put = match bus.broker().ingest().await {
            Ok(ingest) => {
                self.load = Some(Load {
                    ingest,
                    stream: first.stream,
                    span: span.clone(),
                    awaited: VecDeque::new(),
                    messages: 0,
                    is_sending: false,
                });
                self.put(event, messages).await
            }
            Err(source) => {
                let error = self.break_off(source).await;
                event.rejected().await;
                Err(error)
            }
        };
        concluded(&bus, permit, event_type, &first.message_id, put)
    }

    async fn put(&mut self, mut event: Awaited, messages: &[Outgoing]) -> Result<(), BulkError> {
        let Some(load) = &mut self.load else { return Ok(()) };
        event.before = load.messages;
        event.with += load.messages;
        load.messages = event.with;
        load.awaited.push_back(event);
        load.is_sending = true;
        for message in messages {
            if let Err(cause) = load.ingest.put(message).await {
                return Err(Box::pin(self.break_off(cause)).await);
            }
        }
        load.is_sending = false;
        self.stored += load.hear();
        Ok(())
    }

    /// Whether it can go on.
    async fn still_whole(&mut self) -> Result<(), BulkError> {
        if let Some(broken) = &self.broken {
            return Err(broken.told(self.stored));
        }
        if self.load.as_ref().is_some_and(|load| load.is_sending) {
            let cause = "an event was given up while it was added";
            return Err(Box::pin(self.break_off(BrokerError::Unavailable(cause.to_owned()))).await);
        }
        Ok(())
    }

    /// Tells what became of the events. It has broken off before anything is waited for: an `add` that is given up meanwhile
    /// must not begin another load.
    async fn break_off(&mut self, source: BrokerError) -> BulkError {
        let (mut unknown, mut unneeded) = (0, Vec::new());
        if let Some(mut load) = self.load.take() {
            self.stored += load.hear();
            let possible = load.ingest.progress().possible;
            for event in load.awaited.drain(..) {
                // Of one that is not stored in every version, it is not known either.
                if event.before < possible {
                    unknown += 1;
                    event.observed.ended(Outcome::Unknown);
                } else {
                    unneeded.extend(event.left);
                    event.observed.ended(Outcome::Rejected);
                }
            }
            let outcome = if unknown > 0 { Outcome::Unknown } else { Outcome::Rejected };
            traces::loaded(&load.span, self.stored, outcome);
        }
        let error = self.broken.insert(Broken { unknown, source }).told(self.stored);
        claim::remove_all(unneeded).await;
        error
    }
}

impl Broken {
    fn told(&self, stored: u64) -> BulkError {
        BulkError::BrokenOff { stored, unknown: self.unknown, source: self.source.clone() }
    }
}

impl Load {
    /// Takes note of what is stored by now, and gives how many events more that is.
    fn hear(&mut self) -> u64 {
        let stored = self.ingest.progress().stored;
        let mut events = 0;
        while let Some(event) = self.awaited.pop_front_if(|event| event.with <= stored) {
            event.observed.ended(Outcome::Stored);
            events += 1;
        }
        events
    }
}

impl Awaited {
    /// Nothing of it was sent.
    async fn rejected(self) {
        self.observed.ended(Outcome::Rejected);
        claim::remove_all(self.left).await;
    }
}

/// The messages of an event, small enough to be sent.
async fn ready(bus: &Tidings, batch: Batch) -> Result<(Vec<Outgoing>, Vec<Left>), PublishError> {
    let event_type = batch.event_type;
    let (mut messages, mut aside) = (batch.into_messages(), Vec::new());
    for message in &mut messages {
        let put = match claim::leave(bus, message).await {
            Ok(left) => {
                aside.extend(left);
                bus.broker().takes_in_load(message)
            }
            Err(error) => Err(error),
        };
        if let Err(source) = put {
            claim::remove_all(aside).await;
            return Err(PublishError::Rejected { event_type, source });
        }
    }
    Ok((messages, aside))
}

/// Tells the breaker around publishing what came of the first event.
fn concluded(
    bus: &Tidings,
    permit: Permit,
    event_type: &'static str,
    id: &str,
    put: Result<(), BulkError>,
) -> Result<(), BulkError> {
    let (stored, unknown, source) = match put {
        Err(BulkError::BrokenOff { stored, unknown, source }) => (stored, unknown, source),
        other => {
            permit.succeeded(bus.publishing());
            return other;
        }
    };
    let error = match unknown {
        0 => PublishError::Rejected { event_type, source },
        _ => {
            let (id, attempts, elapsed) = (id.to_owned(), 1, std::time::Duration::ZERO);
            PublishError::Unknown { event_type, id, attempts, elapsed, source }
        }
    };
    guard::conclude(bus, permit, event_type, id, Err(&error));
    let (PublishError::Rejected { source, .. } | PublishError::Unknown { source, .. }) = error
    else {
        return Err(error.into());
    };
    Err(BulkError::BrokenOff { stored, unknown, source })
}

//! Reading stored events again, to a handler or to a file, apart from what subscriptions have handled.
//!
//! `input` reads a stream or a file, `select` says which of its events are meant, `output` takes them; `run` leads from
//! one to the other, with `checkpoint`s on the way.

mod checkpoint;
mod each;
mod error;
mod handling;
mod input;
mod lines;
mod output;
mod place;
mod progress;
mod project;
mod run;
mod select;
mod source;
mod untyped;

use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::pin::Pin;

use jiff::Timestamp;

pub use each::Arrival;
pub use error::{ReplayError, ReplayFailure};
pub use place::{Checkpoint, KvCheckpoint, Place};
pub use progress::{ReplayProgress, Replayed};
pub use project::{Projecting, Projection};
pub use source::ReplaySource;

use self::checkpoint::Kept;
use self::handling::Handling;
use self::output::Output;
use self::select::Selection;
use crate::handler::States;
use crate::{Inbox, Subscriber, Tidings};

type Report<T> = Box<dyn FnMut(&T) + Send>;

/// Stored events, to be read again.
///
/// Say what is wanted, then where to: [`to`](Self::to) a subscriber, or [`to_file`](Self::to_file). Events come one at a
/// time and in the order of their stream, from the beginning, unless something else is said, up to the one that is the last
/// when it starts. Nothing is acknowledged and no subscription notices; live events go on beside it.
///
/// The handler learns it from [`Context::is_replay`](crate::Context::is_replay); what it publishes through its context is
/// refused.
///
/// ```no_run
/// use event_catalog::analytics::{OrderBook, order_book};
/// use tidings::Subscription as _;
///
/// # async fn rebuild(bus: tidings::Tidings, projection: impl OrderBook) -> Result<(), Box<dyn std::error::Error>> {
/// let replayed = bus
///     .replay(order_book::Subscription::SPEC)
///     .organization("acme")
///     .checkpoint("order-book.checkpoint")
///     .on_progress(|progress| eprintln!("{} of {:?}", progress.sequence, progress.end))
///     .to(OrderBook::subscriber(projection))
///     .await?;
/// println!("{} events", replayed.events);
/// # Ok(())
/// # }
/// ```
///
/// Into a file and from it, a part of a stream, or all that is there and all that comes:
///
/// ```no_run
/// use std::num::NonZeroU32;
/// use std::path::Path;
///
/// # async fn example(bus: tidings::Tidings, subscriber: fn() -> tidings::Subscriber, index: String) -> Result<(), Box<dyn std::error::Error>> {
/// use event_catalog::analytics::order_book;
/// use event_catalog::orders::OrderCreated;
/// use tidings::{Event as _, Inbox, KvCheckpoint, Subscription as _};
///
/// let (from, to) = ("2026-03-02T00:00:00Z".parse()?, "2026-03-03T00:00:00Z".parse()?);
/// let day = bus.replay(OrderCreated::SPEC).since(from).before(to);
/// day.subject("orders.order.*.created").to_file("orders.jsonl").await?;
///
/// let again = bus.replay(Path::new("orders.jsonl")).event_type("orders.order.created");
/// let slowly = again.per_second(NonZeroU32::new(50).expect("not zero"));
/// slowly.skip_failures(|failure| eprintln!("{failure}")).to(subscriber()).await?;
///
/// let part = bus.replay(order_book::Subscription::SPEC).from_sequence(1000).to_sequence(1999);
/// let once = part.state(index).inbox(Inbox::kv(bus.bucket("inbox")?)); // what it has handled is passed over
/// once.to(subscriber()).await?;
///
/// let place = KvCheckpoint::new(bus.bucket("places")?, "search-index");
/// let all = bus.replay(order_book::Subscription::SPEC).follow().checkpoint_in(place);
/// let all = all.on_live(|| println!("up to date")).until(tidings::shutdown_signal());
/// all.to(subscriber()).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is replayed before `to` or `to_file` is awaited"]
pub struct Replay {
    bus: Tidings,
    source: ReplaySource,
    selection: Selection,
    follow: bool,
    per_second: Option<NonZeroU32>,
    checkpoint: Option<Kept>,
    states: States,
    inbox: Option<Inbox>,
    end: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    live: Option<Box<dyn FnOnce() + Send>>,
    skip: Option<Report<ReplayFailure>>,
    progress: Option<Report<ReplayProgress>>,
}

impl Replay {
    pub(crate) fn new(bus: Tidings, source: ReplaySource) -> Self {
        Self {
            bus,
            source,
            selection: Selection::default(),
            follow: false,
            per_second: None,
            checkpoint: None,
            states: States::default(),
            inbox: None,
            end: None,
            live: None,
            skip: None,
            progress: None,
        }
    }

    /// Only events on subjects that this filter matches, which may have wildcards: `parcels.berlin.>`. Of those that the
    /// source has: it adds none.
    pub fn subject(mut self, filter: impl Into<String>) -> Self {
        self.selection.subject = Some(filter.into());
        self
    }

    /// Only events of this type, or of one of these if it is called again.
    pub fn event_type(mut self, event_type: impl Into<String>) -> Self {
        self.selection.event_types.push(event_type.into());
        self
    }

    /// Only events of this organization.
    pub fn organization(mut self, organization: impl Into<String>) -> Self {
        self.selection.organization = Some(organization.into());
        self
    }

    /// Only events with this key.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.selection.key = Some(key.into());
        self
    }

    /// From the first event that the stream took at this time or later.
    pub fn since(mut self, time: Timestamp) -> Self {
        self.selection.since = Some(time);
        self
    }

    /// Up to the last event that the stream took before this time.
    pub fn before(mut self, time: Timestamp) -> Self {
        self.selection.before = Some(time);
        self
    }

    /// From this sequence of the stream on.
    pub fn from_sequence(mut self, sequence: u64) -> Self {
        self.selection.first = Some(sequence);
        self
    }

    /// Up to this sequence, that one included.
    pub fn to_sequence(mut self, sequence: u64) -> Self {
        self.selection.last = Some(sequence);
        self
    }

    /// Does not end with what was there at the start, but goes on with what comes, until the [end](Self::until). A file has
    /// an end all the same.
    pub fn follow(mut self) -> Self {
        self.follow = true;
        self
    }

    /// No more than so many events a second; as fast as it goes by default.
    pub fn per_second(mut self, count: NonZeroU32) -> Self {
        self.per_second = Some(count);
        self
    }

    /// Writes into this file how far it has come, twice a second at most and at its end, and goes on from there if the
    /// file exists. After a crash, events since the last time it was written come again. A file whose stream was created
    /// anew, or has lost what was done, is an [error](ReplayError::Checkpoint).
    pub fn checkpoint(mut self, path: impl Into<PathBuf>) -> Self {
        self.checkpoint = Some(Kept::File(path.into()));
        self
    }

    /// The same, wherever your own type keeps it.
    pub fn checkpoint_in(mut self, checkpoint: impl Checkpoint) -> Self {
        self.checkpoint = Some(Kept::Own(Box::new(checkpoint)));
        self
    }

    /// Tells once, where it [follows](Self::follow), that everything that there was is done, and that it goes on with what
    /// comes.
    pub fn on_live(mut self, report: impl FnOnce() + Send + 'static) -> Self {
        self.live = Some(Box::new(report));
        self
    }

    /// Goes on after an event that fails, and tells of it, instead of ending there.
    pub fn skip_failures(mut self, report: impl FnMut(&ReplayFailure) + Send + 'static) -> Self {
        self.skip = Some(Box::new(report));
        self
    }

    /// Tells now and then how far it has come, and once at the end.
    pub fn on_progress(mut self, report: impl FnMut(&ReplayProgress) + Send + 'static) -> Self {
        self.progress = Some(Box::new(report));
        self
    }

    /// Gives handler functions the value of their [`State<T>`](crate::State); one value of each type.
    pub fn state<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.states.insert(value);
        self
    }

    /// For handlers that handle each event once, or in a transaction: what knows which events they have handled. Those count as
    /// passed over, and what is handled is marked, so that a replay that was interrupted goes on without repeating an effect.
    ///
    /// With the inbox of the service's own run, only what that has never handled is; to have all effects again, in a
    /// database of their own, the inbox is that database's.
    pub fn inbox(mut self, inbox: Inbox) -> Self {
        inbox.provide(&mut self.states);
        self.inbox = Some(inbox);
        self
    }

    /// Ends in good order once `end` is ready: with the event that is being handled.
    pub fn until<F>(mut self, end: F) -> Self
    where
        F: Future + Send + 'static,
    {
        self.end = Some(Box::pin(async move {
            end.await;
        }));
        self
    }

    /// Hands the events to a subscriber's handler, each in the version that the handler takes. Events that it does not
    /// take are passed over. A failure is not tried again: it ends the replay, or is [skipped](Self::skip_failures).
    ///
    /// # Errors
    /// An event fails, and [`ReplayError::Failed`] says which; or the source cannot be read; or the handler takes what was
    /// not given to the replay: a state, keys, an [inbox](Self::inbox).
    pub async fn to(mut self, subscriber: Subscriber) -> Result<Replayed, ReplayError> {
        let states = std::mem::take(&mut self.states);
        let inbox = self.inbox.take();
        let handling = Handling::new(self.bus.clone(), subscriber, states, inbox).await?;
        self.run(Output::Handler(handling)).await
    }

    /// Writes the events to a file, each as a CloudEvent in a line of JSON, with its place in the stream as the extensions
    /// `natsstream`, `natssubject`, `natssequence` and `natstime`. Such a file can be [replayed](ReplaySource) in turn.
    ///
    /// # Errors
    /// The file exists, and there is no [checkpoint](Self::checkpoint) to go on from; or it cannot be written; or a
    /// message is no event, or the source cannot be read.
    pub async fn to_file(self, path: impl Into<PathBuf>) -> Result<Replayed, ReplayError> {
        self.run(Output::File { path: path.into(), lines: None }).await
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay")
            .field("source", &self.source)
            .field("selection", &self.selection)
            .field("follow", &self.follow)
            .finish_non_exhaustive()
    }
}

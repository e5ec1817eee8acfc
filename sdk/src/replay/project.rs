//! A read model that is rebuilt from what is stored, and then kept up to date with what comes.

use std::collections::BTreeSet;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::Shared;

use super::each::{Arrival, Coming, Shut, Sink, caught, decoded, taken};
use super::handling::Taken;
use super::output::Output;
use super::source::{Kind, ReplaySource};
use super::{Checkpoint, Replay, ReplayError, ReplayFailure, ReplayProgress, Replayed};
use crate::contract::union::versions;
use crate::handler::Verdict;
use crate::{EventUnion, Handled, HandlerError, Tidings, resilience::retry};

/// The pause before an event that failed is tried again; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Something that is made of events, in a store of its own: a table, an index, a map.
///
/// A table, whose place is written with each event:
///
/// ```
/// use event_catalog::user::{UserCreated, UserUpdated};
/// use tidings::{Arrival, EventUnion, Handled, Projection};
///
/// #[derive(EventUnion)]
/// enum MemberEvent {
///     Created(UserCreated),
///     Updated(UserUpdated),
/// }
///
/// # struct Database;
/// # struct Transaction;
/// # impl Database { async fn begin(&self) -> std::io::Result<Transaction> { Ok(Transaction) } }
/// # impl Transaction {
/// #     async fn upsert(&mut self, _: &tidings::Uuid) -> std::io::Result<()> { Ok(()) }
/// #     async fn save_place(&mut self, _: &tidings::Place) -> std::io::Result<()> { Ok(()) }
/// #     async fn commit(self) -> std::io::Result<()> { Ok(()) }
/// # }
/// struct Members(Database);
///
/// impl Projection for Members {
///     type Event = MemberEvent;
///
///     async fn apply(&mut self, event: MemberEvent, at: &Arrival) -> Handled {
///         let mut transaction = self.0.begin().await?; // what fails is tried again
///         match &event {
///             MemberEvent::Created(member) => transaction.upsert(&member.user_id).await?,
///             MemberEvent::Updated(member) => transaction.upsert(&member.user_id).await?,
///         }
///         transaction.save_place(&at.place).await?; // a `Checkpoint` of your own reads it from there
///         transaction.commit().await?;
///         Ok(())
///     }
/// }
/// ```
pub trait Projection: Send {
    /// The events that it is made of, all of one stream.
    type Event: EventUnion;

    /// Takes an event in. They come one at a time and in the order of their stream.
    ///
    /// Where its store has transactions, the [place](Arrival::place) is written in the same one, and a
    /// [`Checkpoint`] reads it from there; then each event is taken in once. Otherwise what came since the checkpoint was
    /// last written comes again after a crash, and taking it in again must change nothing.
    ///
    /// # Errors
    /// Whatever `?` converts is tried again, with growing pauses, until it works; [`RetryAfter`](crate::RetryAfter) says when.
    /// [`Reject`](crate::Reject) ends the run.
    fn apply(&mut self, event: Self::Event, at: &Arrival) -> impl Future<Output = Handled> + Send;
}

/// A [`Projection`] about to run: say where its place is kept, then [`run`](Self::run) it.
///
/// It is built from everything that the stream holds, beside live traffic, and is live from then on: each event comes once
/// and in order, whatever becomes of the connection meanwhile. No subscription has anything to do with it. To build one
/// anew, run it with a fresh store and a fresh checkpoint beside the one that serves, and take it over once it
/// [is live](Self::on_live).
///
/// ```no_run
/// use std::collections::HashMap;
///
/// use event_catalog::orders::{OrderCreated, OrderStatusChanged};
/// use tidings::{Arrival, EventUnion, Handled, Projection, Tidings, Uuid};
///
/// #[derive(EventUnion)]
/// enum OrderEvent {
///     Created(Box<OrderCreated>),
///     StatusChanged(OrderStatusChanged),
/// }
///
/// #[derive(Default)]
/// struct Statuses(HashMap<Uuid, String>);
///
/// impl Projection for Statuses {
///     type Event = OrderEvent;
///
///     async fn apply(&mut self, event: OrderEvent, _: &Arrival) -> Handled {
///         match event {
///             OrderEvent::Created(order) => self.0.insert(order.order_id, "pending".to_owned()),
///             OrderEvent::StatusChanged(change) => self.0.insert(change.order_id, change.status.to_string()),
///         };
///         Ok(())
///     }
/// }
///
/// # async fn run(bus: Tidings) -> Result<(), tidings::ReplayError> {
/// // Kept in memory, so it is built anew at each start.
/// let mut statuses = Statuses::default();
/// bus.project(&mut statuses).until(tidings::shutdown_signal()).run().await?;
/// # Ok(())
/// # }
/// ```
///
/// One place runs it at a time: two that write one store would each take in every event.
///
/// Where its store outlives the process, so does its place:
///
/// ```no_run
/// use tidings::KvCheckpoint;
///
/// # async fn example(bus: tidings::Tidings, projection: impl tidings::Projection) -> Result<(), Box<dyn std::error::Error>> {
/// let place = KvCheckpoint::new(bus.bucket("places")?, "members"); // or `.checkpoint("members.checkpoint")`, a file
/// bus.project(projection)
///     .organization("acme")
///     .checkpoint_in(place)
///     .on_progress(|progress| println!("{} are taken in", progress.replayed.events))
///     .on_live(|| println!("up to date"))
///     .skip_failures(|failure| eprintln!("{failure}"))
///     .until(tidings::shutdown_signal())
///     .run()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing happens before `run` is awaited"]
#[derive(Debug)]
pub struct Projecting<P> {
    replay: Replay,
    streams: BTreeSet<&'static str>,
    projection: P,
    end: Option<End>,
}

type End = Shared<Pin<Box<dyn Future<Output = ()> + Send>>>;

impl Tidings {
    /// Builds a projection from what is stored, and keeps it up to date; see [`Projecting`].
    pub fn project<P: Projection>(&self, projection: P) -> Projecting<P> {
        let (mut streams, mut filters) = (BTreeSet::new(), BTreeSet::new());
        for spec in P::Event::specs() {
            streams.insert(spec.stream);
            filters.extend(spec.filters());
        }
        let name = streams.first().copied().unwrap_or_default();
        let filters = filters.into_iter().collect();
        let source = ReplaySource(Kind::Stream { name, filters, event_type: None });
        Projecting { replay: self.replay(source).follow(), streams, projection, end: None }
    }
}

impl<P: Projection> Projecting<P> {
    /// Only events of this organization.
    pub fn organization(mut self, organization: impl Into<String>) -> Self {
        self.replay = self.replay.organization(organization);
        self
    }

    /// Keeps its place in a file; see [`Replay::checkpoint`].
    pub fn checkpoint(mut self, path: impl Into<PathBuf>) -> Self {
        self.replay = self.replay.checkpoint(path);
        self
    }

    /// Keeps its place where the checkpoint does: in a bucket, in a database of its own.
    pub fn checkpoint_in(mut self, checkpoint: impl Checkpoint) -> Self {
        self.replay = self.replay.checkpoint_in(checkpoint);
        self
    }

    /// Tells once that everything that there was is taken in.
    pub fn on_live(mut self, report: impl FnOnce() + Send + 'static) -> Self {
        self.replay = self.replay.on_live(report);
        self
    }

    /// Tells now and then how far it has come.
    pub fn on_progress(mut self, report: impl FnMut(&ReplayProgress) + Send + 'static) -> Self {
        self.replay = self.replay.on_progress(report);
        self
    }

    /// Goes on after an event that is rejected or cannot be read, and tells of it, instead of ending there.
    pub fn skip_failures(mut self, report: impl FnMut(&ReplayFailure) + Send + 'static) -> Self {
        self.replay = self.replay.skip_failures(report);
        self
    }

    /// Ends in good order once `end` is ready: with the event that is being taken in.
    pub fn until<F>(mut self, end: F) -> Self
    where
        F: Future + Send + 'static,
    {
        let end: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async move {
            end.await;
        });
        let end = end.shared();
        self.replay = self.replay.until(end.clone());
        self.end = Some(end);
        self
    }

    /// Builds it and keeps it up to date, until it is told to end.
    ///
    /// # Errors
    /// An event is rejected or cannot be read, and [`ReplayError::Failed`] says which; or the stream cannot be read, or is
    /// another one than that of the checkpoint; or the place cannot be kept; or the events have encrypted fields, and the
    /// connection has no keys.
    pub async fn run(self) -> Result<Replayed, ReplayError> {
        let Self { replay, streams, projection, end } = self;
        if streams.len() != 1 {
            return Err(ReplayError::SeveralStreams { streams: streams.into_iter().collect() });
        }
        replay.bus.keys().fits(versions::<P::Event>())?;
        replay.run(Output::Sink(Box::new(Live { projection, end }))).await
    }
}

/// Tries until it works.
struct Live<P> {
    projection: P,
    end: Option<End>,
}

impl<P: Projection> Sink for Live<P> {
    fn take<'a>(
        &'a mut self,
        coming: Coming<'a>,
    ) -> Pin<Box<dyn Future<Output = Taken> + Send + 'a>> {
        Box::pin(async move {
            let mut attempts = 1;
            let data = loop {
                let error = match coming.opened::<P::Event>().await {
                    Ok(data) => break data,
                    Err(Shut::Final(taken)) => return taken,
                    Err(Shut::ForNow(error)) => error,
                };
                let pause = retry::doubling(FIRST_PAUSE, LONGEST_PAUSE, attempts);
                let words: Vec<_> = HandlerError::retry(error).chain().collect();
                tell(&coming.arrival(), attempts, &words);
                if paused(self.end.as_ref(), pause).await.is_none() {
                    return Taken::Ended;
                }
                attempts += 1;
            };
            let arrival = coming.arrival();
            attempts = 1;
            loop {
                let event = match decoded::<P::Event>(&arrival.envelope, &data) {
                    Ok(event) => event,
                    Err(taken) => return taken,
                };
                let outcome = caught(|| self.projection.apply(event, &arrival)).await;
                let again = match &outcome {
                    Ok(Err(error)) => match error.verdict() {
                        Verdict::Reject => None,
                        Verdict::RetryAfter(pause) => Some(pause),
                        Verdict::Retry => {
                            Some(retry::doubling(FIRST_PAUSE, LONGEST_PAUSE, attempts))
                        }
                    },
                    Ok(Ok(())) | Err(_) => None,
                };
                let taken = taken::<P::Event>(outcome, &arrival.envelope, &data);
                let (Some(pause), Taken::Failed(_, words)) = (again, &taken) else { return taken };
                tell(&arrival, attempts, words);
                if paused(self.end.as_ref(), pause).await.is_none() {
                    return Taken::Ended;
                }
                attempts += 1;
            }
        })
    }
}

/// Waits; none where it is told to end meanwhile.
async fn paused(end: Option<&End>, pause: Duration) -> Option<()> {
    let over = async {
        match end {
            Some(end) => end.clone().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = over => None,
        () = tokio::time::sleep(pause) => Some(()),
    }
}

fn tell(arrival: &Arrival, attempts: u32, words: &[String]) {
    let (event_type, sequence) = (&*arrival.envelope.event_type, arrival.place.sequence);
    let error = words.join(": ");
    tracing::warn!(event_type, sequence, attempts, error, "trying an event again");
}

impl<P: Projection> Projection for &mut P {
    type Event = P::Event;

    fn apply(&mut self, event: Self::Event, at: &Arrival) -> impl Future<Output = Handled> + Send {
        P::apply(self, event, at)
    }
}

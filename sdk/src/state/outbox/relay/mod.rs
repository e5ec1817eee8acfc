//! From the database to the broker.

mod ears;
mod fates;
mod flight;
mod hand;
mod lease;
mod outage;
mod report;
mod suspects;
mod verdict;
mod work;

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

pub use report::RelayReport;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use self::outage::Outage;
use self::work::Work;
use super::{Outbox, OutboxError, statements};
use crate::operations::metrics;
use crate::{Dialect, Tidings, shutdown_signal};

/// Events on their way at once.
const IN_FLIGHT: usize = 512;
/// How long a relay's shards are its own without a sign of life.
const LEASE: Duration = Duration::from_secs(6);
/// How often it looks by itself: SQLite tells nobody of commits, and what PostgreSQL tells may be lost with a connection.
const SQLITE_POLL: Duration = Duration::from_millis(200);
const POSTGRES_POLL: Duration = Duration::from_secs(5);
/// How long the database may take for an answer, where a lease is shorter.
const SHORTEST_PATIENCE: Duration = Duration::from_secs(5);
/// The longest pause while it does not answer.
const DATABASE_PAUSE: Duration = Duration::from_secs(5);
/// The shortest: a lease is renewed three times in it.
const SHORTEST_LEASE: Duration = Duration::from_millis(150);

/// A relay about to run: set what is special about it, then `.await` it, or run it [`until`](Self::until) something happens.
///
/// Awaited as it is, it runs until the process is told to end (SIGINT, SIGTERM). It may run beside subscribers in one
/// process, or in a process of its own; it needs none of the catalog's types. Any number of relays share the work on an
/// outbox, in one process or in several: each has its part of the keys, and another takes them over when it dies.
///
/// While the broker is away, or takes nothing, it waits. It goes on by itself through failures of the database.
///
/// ```no_run
/// # fn subscriber() -> tidings::Subscriber { unimplemented!() }
/// # async fn run(
/// #     bus: tidings::Tidings,
/// #     outbox: tidings::outbox::SqliteOutbox,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let (end, ended) = tokio::sync::oneshot::channel::<()>();
/// let relay = tokio::spawn(outbox.relay(&bus).until(ended));
/// bus.run(subscriber()).await?; // until the process is told to end
/// drop(end); // what its handlers have put into the outbox is there
/// let report = relay.await??;
/// println!("{} events relayed", report.relayed);
/// # Ok(())
/// # }
/// ```
///
/// For a database that is far away, and with what was relayed kept for a week:
///
/// ```no_run
/// # #[cfg(feature = "sqlite")]
/// # use std::time::Duration;
///
/// # async fn example(bus: tidings::Tidings, outbox: tidings::outbox::SqliteOutbox) -> Result<(), tidings::outbox::OutboxError> {
/// let relay = outbox
///     .relay(&bus)
///     .in_flight(2048)
///     .lease(Duration::from_secs(15))
///     .poll(Duration::from_secs(1))
///     .keep(Duration::from_secs(7 * 24 * 60 * 60));
/// let report = relay.await?; // until the process is told to end
/// println!("{} events relayed", report.relayed);
/// # Ok(())
/// # }
/// ```
#[must_use = "a relay runs once this is awaited"]
pub struct Relay<DB: Dialect> {
    outbox: Outbox<DB>,
    bus: Tidings,
    in_flight: usize,
    lease: Duration,
    poll: Duration,
    keep: Option<Duration>,
}

impl<DB: Dialect> Relay<DB> {
    pub(super) fn new(outbox: Outbox<DB>, bus: Tidings) -> Self {
        Self {
            outbox,
            bus,
            in_flight: IN_FLIGHT,
            lease: LEASE,
            poll: DB::choose(SQLITE_POLL, POSTGRES_POLL),
            keep: None,
        }
    }

    /// How many events may be on their way at once, each of another key. Default: 512; at least 1.
    pub fn in_flight(mut self, events: usize) -> Self {
        self.in_flight = events.max(1);
        self
    }

    /// How long another relay waits before it takes over what this one has, when it gives no sign of life. Default: 6 s; at
    /// least 150 ms.
    pub fn lease(mut self, time: Duration) -> Self {
        self.lease = time.max(SHORTEST_LEASE);
        self
    }

    /// How often it looks for events of which it is not told. Default: 200 ms on SQLite, where those are the events of other
    /// processes; 5 s on PostgreSQL, which tells of all.
    pub fn poll(mut self, pause: Duration) -> Self {
        self.poll = pause.max(Duration::from_millis(1));
        self
    }

    /// Keeps relayed events in the table `tidings_outbox_relayed` for so long. Default: they are removed when they are
    /// relayed, and what an earlier relay has kept is removed too. So all relays of an outbox are given the same.
    pub fn keep(mut self, time: Duration) -> Self {
        self.keep = Some(time);
        self
    }

    /// Runs until `end` is ready: then it sends no more, waits for the word of what is on its way, writes it down, lets
    /// others have its part at once, and returns. Dropping the future instead loses nothing either: what was sent is sent
    /// again, and stored once.
    ///
    /// # Errors
    /// There are no tables of the outbox at the start, or the bus or the pool was closed. A database that does not answer is
    /// waited for.
    pub async fn until(self, end: impl Future) -> Result<RelayReport, OutboxError> {
        let mut end = std::pin::pin!(end);
        let mut database = Outage::default();
        loop {
            let checking =
                statements::within(self.patience(), statements::check(&self.outbox.pool));
            let checked = tokio::select! {
                checked = checking => checked,
                _ = &mut end => return Ok(RelayReport::default()),
            };
            let error = match checked {
                Ok(()) => break,
                Err(error) if DB::is_of_statement(&error) => {
                    return Err(OutboxError::Tables(error));
                }
                Err(error @ sqlx::Error::PoolClosed) => return Err(error.into()),
                Err(error) => error,
            };
            let now = Instant::now();
            database.is_over(now);
            let pause = database.failed(DATABASE_PAUSE);
            tracing::warn!(%error, ?pause, "the outbox's database does not answer");
            tokio::select! {
                () = sleep(pause) => {}
                _ = &mut end => return Ok(RelayReport::default()),
            }
        }
        // Ends with this call.
        let mut sampling = JoinSet::new();
        sampling.spawn(metrics::sample_outbox(self.outbox.clone(), self.bus.sampling()));
        Work::new(self).until(end).await
    }

    /// How long the database may take for an answer.
    fn patience(&self) -> Duration {
        self.lease.max(SHORTEST_PATIENCE)
    }
}

impl<DB: Dialect> IntoFuture for Relay<DB> {
    type Output = Result<RelayReport, OutboxError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.until(shutdown_signal()))
    }
}

impl<DB: Dialect> fmt::Debug for Relay<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("outbox", &self.outbox)
            .field("in_flight", &self.in_flight)
            .field("lease", &self.lease)
            .field("keep", &self.keep)
            .finish_non_exhaustive()
    }
}

//! Events that are stored in the service's own transaction, and relayed to the broker afterwards.
//!
//! A service that changes its state and publishes an event does two things, and may die between them. With an outbox it
//! does one: the event is written into the same database, in the same transaction. A [`Relay`] hands what was committed to
//! the broker, through crashes of either side.
//!
//! ```no_run
//! use event_catalog::orders::{self, OrderCreated};
//! use sqlx::SqlitePool;
//! use tidings::outbox::{OutboxError, SqliteOutbox};
//!
//! struct Orders {
//!     pool: SqlitePool,
//!     outbox: SqliteOutbox,
//!     publisher: orders::Publisher,
//! }
//!
//! impl Orders {
//!     async fn place(&self, order: OrderCreated) -> Result<(), OutboxError> {
//!         let mut tx = self.pool.begin().await?;
//!         sqlx::query("INSERT INTO orders (order_id) VALUES (?)")
//!             .bind(order.order_id.to_string())
//!             .execute(&mut *tx)
//!             .await?;
//!         self.outbox.publish(&mut tx, self.publisher.order_created(order)).await?;
//!         tx.commit().await?; // both, or neither
//!         Ok(())
//!     }
//! }
//!
//! # async fn run(bus: tidings::Tidings, pool: SqlitePool) -> Result<(), OutboxError> {
//! let outbox = SqliteOutbox::new(pool);
//! outbox.migrate().await?; // at every start of every instance
//! outbox.relay(&bus).await?; // until the process is told to end
//! # Ok(())
//! # }
//! ```
//!
//! A service without a database has one in a file: [`Outbox::file`], and [`Outbox::store`] instead of a publish.
//!
//! # Promises
//!
//! - What was committed is relayed, however often the process, the database or the broker dies meanwhile; what was rolled
//!   back never is.
//! - It is in its stream once. Where a relay cannot know whether the stream has an event, it sends it again within the
//!   time in which every stream knows its ids; after that it looks into the stream first.
//! - Events of one key of one stream are stored there in the order of their rows. Transactions that write them side by side
//!   are put in order by what they lock: change the state first, then publish.
//! - What the broker refuses for good is a [dead row](Outbox::dead), and later events of its key go on.

mod dead;
mod error;
#[cfg(feature = "sqlite")]
mod file;
mod names;
mod relay;
mod row;
mod schema;
mod statements;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Pool;
use tokio::sync::watch;

pub use dead::{DeadEvent, DeadEvents};
pub use error::OutboxError;
pub use relay::{Relay, RelayReport};

use crate::{Dialect, Event, Publish, PublishError, Tidings};
use row::Entry;

/// An outbox in SQLite.
#[cfg(feature = "sqlite")]
pub type SqliteOutbox = Outbox<sqlx::Sqlite>;

/// An outbox in PostgreSQL.
#[cfg(feature = "postgres")]
pub type PostgresOutbox = Outbox<sqlx::Postgres>;

/// Events in a database that wait to be relayed; see [the module](self).
///
/// Cheap to clone. On SQLite a relay hears at once of what is published through the outbox that it was made of, and of its
/// clones; of others within a fifth of a second.
///
/// ```
/// use event_catalog::user_profile;
/// use tidings::outbox::Outbox;
/// use tidings::testing::example;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # #[cfg(feature = "sqlite")] {
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("outbox.db");
/// let outbox = Outbox::file(path).await?; // in a file of its own; else `Outbox::new(pool)` and `migrate`
/// let publisher = user_profile::Publisher::new(&bus).organization("acme");
/// outbox.store(publisher.user_created(example())).await?; // kept, whether there is a broker or not
///
/// let mut tx = outbox.pool().begin().await?; // many are faster in one transaction, with whatever else changes
/// for _ in 0..10 {
///     outbox.publish(&mut tx, publisher.user_updated(example())).await?;
/// }
/// tx.commit().await?;
/// assert_eq!(outbox.lag().await?.waiting, 11);
///
/// outbox.relay(&bus).until(outbox.idle()).await?; // a service relays for as long as it runs
/// assert_eq!((outbox.lag().await?.waiting, outbox.kept().await?), (0, 0));
///
/// for dead in outbox.dead().all().await? {
///     println!("{} {}: {}", dead.event_type, dead.event_id, dead.error);
///     outbox.retry(dead.id).await?; // or `discard`
/// }
/// # }
/// # Ok(())
/// # }
/// ```
pub struct Outbox<DB: Dialect> {
    pool: Pool<DB>,
    /// Counts what was put in through this outbox and its clones.
    signal: Arc<watch::Sender<u64>>,
}

impl<DB: Dialect> Outbox<DB> {
    /// An outbox in the database of this pool: on PostgreSQL, in the first schema of its search path.
    pub fn new(pool: Pool<DB>) -> Self {
        Self { pool, signal: Arc::new(watch::Sender::new(0)) }
    }

    /// Makes the outbox's tables, or brings them to the version that this process knows. They keep a version of their own,
    /// apart from the service's migrations. Safe to call from every instance at every start.
    ///
    /// ```no_run
    /// # #[cfg(feature = "postgres")]
    /// # async fn example(pool: sqlx::PgPool) -> Result<(), tidings::outbox::OutboxError> {
    /// let outbox = tidings::outbox::PostgresOutbox::new(pool); // the service's own
    /// outbox.migrate().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The database does not let it.
    pub async fn migrate(&self) -> Result<(), OutboxError> {
        Ok(schema::TABLES.run(&self.pool).await?)
    }

    /// Puts an event into the outbox, as a part of a transaction: it is published if that is committed. Returns the event's
    /// id.
    ///
    /// The second argument is what a publisher's method or [`Context::publish`](crate::Context::publish) gives:
    /// `publisher.order_created(order)`. It has happened when it is put in, unless another [time](Publish::time) is given.
    /// The first is the transaction, or anything else that dereferences to a connection.
    ///
    /// # Errors
    /// Something is wrong with the event, which then is not written; or the database fails.
    pub async fn publish<E: Event>(
        &self,
        transaction: &mut DB::Connection,
        event: Publish<'_, E>,
    ) -> Result<String, OutboxError> {
        let entry = entry(event).await?;
        statements::insert::<DB>(transaction, &entry).await?;
        // It is not committed yet: whoever hears this looks several times.
        self.signal.send_modify(|count| *count += 1);
        Ok(entry.event_id)
    }

    /// Puts an event into the outbox in a transaction of its own: once this returns, it is kept. Returns the event's id.
    ///
    /// Each waits for the disk. Many are faster in one transaction: `outbox.pool().begin()`, then
    /// [`publish`](Self::publish).
    ///
    /// # Errors
    /// Something is wrong with the event, or the database fails.
    pub async fn store<E: Event>(&self, event: Publish<'_, E>) -> Result<String, OutboxError> {
        let entry = entry(event).await?;
        statements::insert::<DB>(&mut *self.pool.acquire().await?, &entry).await?;
        self.signal.send_modify(|count| *count += 1);
        Ok(entry.event_id)
    }

    /// Relays events to the broker; see [`Relay`].
    pub fn relay(&self, bus: &Tidings) -> Relay<DB> {
        Relay::new(self.clone(), bus.clone())
    }

    /// How much waits, and for how long.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn lag(&self) -> Result<OutboxLag, OutboxError> {
        let (waiting, oldest, dead) = statements::lag(&self.pool).await?;
        let oldest = oldest.map(|age| Duration::from_millis(age.max(0).unsigned_abs()));
        let [waiting, dead] = [waiting, dead].map(i64::unsigned_abs);
        Ok(OutboxLag { waiting, oldest, dead })
    }

    /// Waits until nothing waits to be relayed; what the broker has refused for good does not count.
    ///
    /// For tests, and for tools that must not go on before: it asks the database four times a second.
    ///
    /// ```
    /// # async fn settle(outbox: tidings::outbox::SqliteOutbox) -> Result<(), tidings::outbox::OutboxError> {
    /// outbox.idle().await
    /// # }
    /// ```
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn idle(&self) -> Result<(), OutboxError> {
        let mut pause = Duration::from_millis(5);
        while self.lag().await?.waiting > 0 {
            tokio::time::sleep(pause).await;
            pause = Duration::from_millis(250).min(2 * pause);
        }
        Ok(())
    }

    /// How many relayed events are [kept](Relay::keep). They are counted one by one, so this is nothing to ask all the time.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn kept(&self) -> Result<u64, OutboxError> {
        Ok(statements::kept(&self.pool).await?.unsigned_abs())
    }

    /// The events that the broker has refused for good.
    pub fn dead(&self) -> DeadEvents<DB> {
        DeadEvents::new(self.clone())
    }

    /// Lets a dead event wait to be relayed again, by its [row](DeadEvent::id). It comes behind everything that waits, and
    /// so behind later events of its key that were relayed meanwhile. False where there is no such row.
    ///
    /// # Errors
    /// The database fails.
    pub async fn retry(&self, id: i64) -> Result<bool, OutboxError> {
        let revived = statements::revive(&self.pool, id).await?;
        self.signal.send_modify(|count| *count += 1);
        Ok(revived)
    }

    /// Removes a dead event for good, by its [row](DeadEvent::id). False where there is no such row.
    ///
    /// ```no_run
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example(outbox: tidings::outbox::SqliteOutbox) -> Result<(), tidings::outbox::OutboxError> {
    /// let mut dead = outbox.dead();
    /// while let Some(event) = dead.next().await? {
    ///     if event.event_type == "web.page.viewed" {
    ///         outbox.discard(event.id).await?;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The database fails.
    pub async fn discard(&self, id: i64) -> Result<bool, OutboxError> {
        Ok(statements::discard(&self.pool, id).await?)
    }

    /// The database.
    pub fn pool(&self) -> &Pool<DB> {
        &self.pool
    }
}

impl<DB: Dialect> Clone for Outbox<DB> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), signal: Arc::clone(&self.signal) }
    }
}

impl<DB: Dialect> fmt::Debug for Outbox<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("database", &DB::NAME).finish_non_exhaustive()
    }
}

/// How far behind the relays of an outbox are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutboxLag {
    /// Events that wait to be relayed.
    pub waiting: u64,
    /// For how long the oldest of them has waited.
    pub oldest: Option<Duration>,
    /// Events that the broker has refused for good.
    pub dead: u64,
}

/// The row of an event.
async fn entry<E: Event>(event: Publish<'_, E>) -> Result<Entry, OutboxError> {
    let event_type = E::SPEC.event_type;
    if event.is_expecting() {
        return Err(OutboxError::Expecting { event_type });
    }
    let key = event.key();
    let entry = Entry::of(event.prepare().await?, key.as_deref());
    Ok(entry.map_err(|source| PublishError::Encode { event_type, source })?)
}

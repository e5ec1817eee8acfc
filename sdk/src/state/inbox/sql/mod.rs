//! In the service's own database.
//!
//! A handler that takes its transaction ([`Tx`]) has the mark in it: `transaction`. Others claim the event first, and mark it
//! afterwards: `claim`, through `queue` where a database has one writer at a time.

mod claim;
mod queue;
mod statements;
mod sweep;
mod transaction;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::{Pool, Transaction};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

pub(super) use claim::Claim;
pub use transaction::Tx;
pub(crate) use transaction::{Held, Provided, held};

use self::queue::Queue;
use self::sweep::Sweeper;
use super::wait::Pauses;
use super::{InboxError, Mark, Terms};
use crate::state::sql::{Dialect, MigrateError};

/// How long others may be writing all the time.
const BUSY: Duration = Duration::from_secs(30);

/// Marks in a database.
pub(super) struct Sql<DB: Dialect> {
    pool: Pool<DB>,
    /// Where a database has one writer at a time, those of this inbox take turns: that is fair, and fast. The database itself
    /// would have them try again and again.
    turns: Option<Arc<Semaphore>>,
    queue: Queue<DB>,
    sweeper: Sweeper,
}

/// A transaction that is open, and the turn of its writer.
struct Open<DB: Dialect> {
    transaction: Transaction<'static, DB>,
    _turn: Option<OwnedSemaphorePermit>,
}

impl<DB: Dialect> Sql<DB> {
    pub(super) fn new(pool: Pool<DB>) -> Self {
        let turns = DB::choose(Some(()), None).map(|()| Arc::new(Semaphore::new(1)));
        Self { pool, turns, queue: Queue::new(), sweeper: Sweeper::new() }
    }

    pub(super) async fn migrate(&self) -> Result<(), MigrateError> {
        statements::MIGRATIONS.run(&self.pool).await
    }

    /// Whether the tables are there.
    pub(super) async fn check(&self) -> Result<(), InboxError> {
        statements::check(&self.pool).await
    }

    /// None where the event was handled. Waits while somebody handles it.
    ///
    /// With `transaction`, it is the handler's: the mark is in it from its beginning. Nobody else can get that far with the same
    /// event before it ends, and if the process dies, both are gone.
    pub(super) async fn enter(
        self: &Arc<Self>,
        mark: &Mark,
        terms: &Terms,
        transaction: bool,
    ) -> Result<Option<Claim<DB>>, InboxError> {
        self.sweeper.tick(&self.pool);
        match transaction {
            true => Claim::by_transaction(self, mark, terms).await,
            false => Claim::by_lease(self, mark, terms).await,
        }
    }

    async fn begin(&self) -> Result<Open<DB>, InboxError> {
        let start = Instant::now();
        let mut pauses = Pauses::new();
        let turn = self.turn().await?;
        loop {
            match DB::begin(&self.pool).await {
                Ok(transaction) => return Ok(Open { transaction, _turn: turn }),
                Err(error) if DB::is_busy(&error) && start.elapsed() < BUSY => pauses.wait().await,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits for the writer's turn, where there is one writer at a time.
    async fn turn(&self) -> Result<Option<OwnedSemaphorePermit>, InboxError> {
        let Some(turns) = &self.turns else { return Ok(None) };
        let turn = tokio::time::timeout(BUSY, Arc::clone(turns).acquire_owned()).await;
        // It is never closed.
        turn.map(Result::ok).map_err(|_| InboxError::Busy(BUSY))
    }
}

impl<DB: Dialect> fmt::Debug for Sql<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sql").field("database", &DB::NAME).finish_non_exhaustive()
    }
}

//! In the service's own database.
//!
//! A handler that takes its transaction ([`Tx`]) has the mark in it: `transaction`. Others claim the event first, and mark it
//! afterwards: `claim`, through `queue` where a database has one writer at a time.

mod change;
mod claim;
mod queue;
mod statements;
mod sweep;
mod transaction;
mod turn;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::{Pool, Transaction};
use tokio::time::Instant;

pub(super) use claim::Claim;
pub use transaction::Tx;
pub(crate) use transaction::{Held, Provided, held};

use self::queue::Queue;
use self::sweep::Sweeper;
use self::turn::{Turn, Turns};
use super::wait::Pauses;
use super::{InboxError, Mark, Terms};
use crate::state::sql::{Dialect, MigrateError, within};

/// How long others, who know of no turns, may be writing all the time.
const BUSY: Duration = Duration::from_secs(30);

/// Marks in a database.
pub(super) struct Sql<DB: Dialect> {
    pool: Pool<DB>,
    /// Where a database has one writer at a time, those of this inbox take turns: that is fair, and fast. The database itself
    /// would have them try again and again.
    turns: Option<Turns>,
    queue: Queue<DB>,
    sweeper: Sweeper,
}

/// A transaction that is open, and the turn of its writer.
struct Open<DB: Dialect> {
    transaction: Transaction<'static, DB>,
    _turn: Option<Turn>,
}

impl<DB: Dialect> Sql<DB> {
    pub(super) fn new(pool: Pool<DB>) -> Self {
        let turns = DB::choose(true, false).then(Turns::new);
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
            true => Box::pin(Claim::by_transaction(self, mark, terms)).await,
            false => Claim::by_lease(self, mark, terms).await,
        }
    }

    /// Begins a handler's transaction, however long others have their turn before it.
    async fn begin(&self, patience: Duration) -> Result<Open<DB>, InboxError> {
        let turn = match &self.turns {
            Some(turns) => Some(turns.of_handler().await),
            None => None,
        };
        self.begin_in(turn, patience).await
    }

    async fn begin_in(
        &self,
        turn: Option<Turn>,
        patience: Duration,
    ) -> Result<Open<DB>, InboxError> {
        let begin = || within(patience, DB::begin_for_service(&self.pool, patience));
        Ok(Open { transaction: Self::unless_busy(begin).await?, _turn: turn })
    }

    /// Does it again while others, who know of no turns, are writing.
    async fn unless_busy<T, Asking>(ask: impl Fn() -> Asking) -> Result<T, InboxError>
    where
        Asking: Future<Output = sqlx::Result<T>>,
    {
        let start = Instant::now();
        let mut pauses = Pauses::new();
        loop {
            match ask().await {
                Err(error) if DB::is_busy(&error) => {
                    if start.elapsed() >= BUSY {
                        return Err(InboxError::Busy(BUSY));
                    }
                    pauses.wait().await;
                }
                done => return Ok(done?),
            }
        }
    }
}

impl<DB: Dialect> fmt::Debug for Sql<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sql").field("database", &DB::NAME).finish_non_exhaustive()
    }
}

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::statements::{self, Change};
use super::transaction::Returned;
use super::{Held, Open, Sql};
use crate::state::inbox::wait::{Pauses, repeated};
use crate::state::inbox::{InboxError, Mark, Terms, claim};
use crate::state::sql::Dialect;

/// An event that is ours to handle.
#[derive(Debug)]
pub(in crate::state::inbox) struct Claim<DB: Dialect> {
    sql: Arc<Sql<DB>>,
    mark: Mark,
    retention: Option<Duration>,
    lease: Option<Lease>,
    held: Arc<Held<DB>>,
}

#[derive(Debug)]
struct Lease {
    by: String,
    lasts: Duration,
    /// Before it was asked for.
    since: Instant,
}

impl<DB: Dialect> Claim<DB> {
    pub(super) async fn by_transaction(
        sql: &Arc<Sql<DB>>,
        mark: &Mark,
        terms: &Terms,
    ) -> Result<Option<Self>, InboxError> {
        let mut pauses = Pauses::new();
        loop {
            let mut open = sql.begin().await?;
            if statements::mark::<DB>(&mut open.transaction, mark, terms.retention).await? {
                let (sql, mark, held) = (Arc::clone(sql), mark.clone(), Held::begun(open));
                let retention = terms.retention;
                return Ok(Some(Self { sql, mark, retention, lease: None, held }));
            }
            let is_handled = statements::is_handled::<DB>(&mut open.transaction, mark).await?;
            open.transaction.rollback().await?;
            if is_handled {
                return Ok(None);
            }
            // A handler without a transaction has claimed it.
            pauses.wait().await;
        }
    }

    pub(super) async fn by_lease(
        sql: &Arc<Sql<DB>>,
        mark: &Mark,
        terms: &Terms,
    ) -> Result<Option<Self>, InboxError> {
        let (by, lasts, retention) = (Uuid::now_v7().to_string(), terms.lease, terms.retention);
        let mut pauses = Pauses::new();
        loop {
            let since = Instant::now();
            if sql.change(mark, Change::Claim { by: by.clone(), lease: lasts }).await? {
                let held = Held::claimed(sql, mark, &by, retention);
                let (sql, mark) = (Arc::clone(sql), mark.clone());
                let lease = Some(Lease { by, lasts, since });
                return Ok(Some(Self { sql, mark, retention, lease, held }));
            }
            let is_handled = {
                let mut connection = sql.pool.acquire().await?;
                statements::is_handled::<DB>(&mut connection, mark).await?
            };
            if is_handled {
                return Ok(None);
            }
            pauses.wait().await;
        }
    }

    /// What the handler gets its transaction from.
    pub(in crate::state::inbox) fn held(&self) -> Arc<dyn Any + Send + Sync> {
        Arc::clone(&self.held) as Arc<dyn Any + Send + Sync>
    }

    /// None where the database itself keeps others from the event: while a transaction is open that marks it.
    pub(in crate::state::inbox) fn leased_since(&self) -> Option<Instant> {
        self.lease.as_ref().filter(|_| !self.held.is_open()).map(|lease| lease.since)
    }

    /// Says that it is still being handled. False where somebody else does so by now.
    pub(in crate::state::inbox) async fn renew(&self) -> Result<bool, InboxError> {
        let Some(Lease { by, lasts, .. }) = &self.lease else { return Ok(true) };
        let renewed = self.sql.change(&self.mark, Change::Claim { by: by.clone(), lease: *lasts });
        // The transaction that the handler may have taken meanwhile marks it as handled.
        Ok(renewed.await? || self.held.is_open())
    }

    /// See the claim of any inbox.
    pub(in crate::state::inbox) async fn done(&self) -> Result<(), InboxError> {
        let retention = self.retention;
        match self.held.close() {
            Returned::NotBegun => {
                let lasts = self.lease.as_ref().map_or(Duration::ZERO, |lease| lease.lasts);
                let change = || self.sql.change(&self.mark, Change::Done { retention });
                claim::marked(repeated(lasts, change).await.map(drop));
                Ok(())
            }
            Returned::Transaction { open, used } => {
                let committed = self.commit(open, used).await;
                if committed.is_err() {
                    self.give_up().await?;
                }
                committed
            }
            Returned::Kept => Err(InboxError::Kept),
        }
    }

    async fn commit(&self, mut open: Open<DB>, used: bool) -> Result<(), InboxError> {
        if used {
            // PostgreSQL says that all is well when it is to commit a transaction that it has given up.
            match statements::is_handled::<DB>(&mut open.transaction, &self.mark).await {
                Ok(true) => {}
                Ok(false) => return Err(InboxError::Aborted(None)),
                Err(error) => return Err(InboxError::Aborted(Some(error))),
            }
        }
        Ok(open.transaction.commit().await?)
    }

    pub(in crate::state::inbox) async fn release(&self) -> Result<(), InboxError> {
        match self.held.close() {
            // Its row is locked until the handler lets go of it.
            Returned::Kept => Ok(()),
            // Dropped, not rolled back here: a query that the handler did not wait for may still be running.
            Returned::NotBegun | Returned::Transaction { .. } => self.give_up().await,
        }
    }

    async fn give_up(&self) -> Result<(), InboxError> {
        let Some(Lease { by, .. }) = &self.lease else { return Ok(()) };
        let release = Change::Release { by: by.clone() };
        self.sql.change(&self.mark, release).await.map(drop)
    }
}

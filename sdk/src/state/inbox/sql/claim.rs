use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::change::Change;
use super::statements;
use super::transaction::Returned;
use super::{Held, Open, Sql};
use crate::state::inbox::wait::{Pauses, repeated};
use crate::state::inbox::{InboxError, Mark, Terms, claim};
use crate::state::sql::{Dialect, Lent, within};

/// An event that is ours to handle.
#[derive(Debug)]
pub(in crate::state::inbox) struct Claim<DB: Dialect> {
    sql: Arc<Sql<DB>>,
    mark: Mark,
    retention: Option<Duration>,
    /// How long the database may take for an answer.
    patience: Duration,
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
        let Terms { retention, patience, .. } = *terms;
        let mut pauses = Pauses::new();
        loop {
            let mut open = sql.begin(patience).await?;
            let marking = statements::mark::<DB>(&mut open.transaction, mark, retention);
            match within(patience, marking).await {
                Ok(true) => {
                    let (sql, mark, held) = (Arc::clone(sql), mark.clone(), Held::begun(open));
                    return Ok(Some(Self { sql, mark, retention, patience, lease: None, held }));
                }
                Ok(false) => {}
                // Somebody has been at it for long, or has written what a transaction of this isolation does not see.
                Err(error) if DB::is_busy(&error) => {
                    drop(open);
                    pauses.wait().await;
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            let handled = statements::is_handled::<DB>(&mut open.transaction, mark);
            let is_handled = within(patience, handled).await?;
            within(patience, open.transaction.rollback()).await?;
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
        let Terms { lease: lasts, retention, patience } = *terms;
        let by = Uuid::now_v7().to_string();
        let mut pauses = Pauses::new();
        loop {
            let claim = Change::Claim { by: by.clone(), lease: lasts };
            if let Some(since) = sql.change(mark, claim, patience).await? {
                if since.elapsed() > lasts / 3 {
                    // The answer has taken long: there is not enough left to begin with.
                    continue;
                }
                let held = Held::claimed(sql, mark, &by, *terms);
                let (sql, mark) = (Arc::clone(sql), mark.clone());
                let lease = Some(Lease { by, lasts, since });
                return Ok(Some(Self { sql, mark, retention, patience, lease, held }));
            }
            let is_handled = Box::pin(async {
                let mut lent = Lent::of(&sql.pool).await?;
                let handled = statements::is_handled::<DB>(&mut lent, mark);
                let is_handled = within(patience, handled).await?;
                lent.give_back();
                Ok::<_, InboxError>(is_handled)
            });
            if is_handled.await? {
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
        let renew = Change::Renew { by: by.clone(), lease: *lasts };
        let renewed = self.sql.change(&self.mark, renew, self.patience).await?;
        // The transaction that the handler may have taken meanwhile marks it as handled.
        Ok(renewed.is_some() || self.held.is_open())
    }

    /// See the claim of any inbox.
    pub(in crate::state::inbox) async fn done(&self) -> Result<(), InboxError> {
        let retention = self.retention;
        match self.held.close() {
            Returned::NotBegun => {
                let lasts = self.lease.as_ref().map_or(Duration::ZERO, |lease| lease.lasts);
                let done =
                    || self.sql.change(&self.mark, Change::Done { retention }, self.patience);
                claim::marked(repeated(lasts, done).await.map(drop));
                Ok(())
            }
            Returned::Transaction { open, used } => {
                Box::pin(async {
                    let committed = self.commit(open, used).await;
                    if committed.is_err() {
                        self.give_up().await?;
                    }
                    committed
                })
                .await
            }
            Returned::Kept => Err(InboxError::Kept),
        }
    }

    async fn commit(&self, mut open: Open<DB>, used: bool) -> Result<(), InboxError> {
        if used {
            // PostgreSQL says that all is well when it is to commit a transaction that it has given up.
            let handled = statements::is_handled::<DB>(&mut open.transaction, &self.mark);
            match within(self.patience, handled).await {
                Ok(true) => {}
                Ok(false) => return Err(InboxError::Aborted(None)),
                Err(error) => return Err(InboxError::Aborted(Some(error))),
            }
        }
        Ok(within(self.patience, open.transaction.commit()).await?)
    }

    pub(in crate::state::inbox) async fn release(&self) -> Result<(), InboxError> {
        // Its transaction is dropped here, not rolled back: a query that the handler did not wait for may still be running. It is
        // dropped before the claim is given up, which in SQLite waits for the transaction's turn to be over.
        let is_kept = matches!(self.held.close(), Returned::Kept);
        if is_kept {
            // Its row is locked until the handler lets go of it.
            return Ok(());
        }
        self.give_up().await
    }

    async fn give_up(&self) -> Result<(), InboxError> {
        let Some(Lease { by, .. }) = &self.lease else { return Ok(()) };
        let release = Change::Release { by: by.clone() };
        self.sql.change(&self.mark, release, self.patience).await.map(drop)
    }
}

//! An event that is ours to handle, until it is done with.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{InboxError, Terms, kv, memory};

/// How long it may take to give an event free. Whoever wants it has it after the lease anyway.
const RELEASING: Duration = Duration::from_secs(2);

/// Leave to handle an event. Dropped without a word, others have it once the lease is over.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(super) kind: Kind,
    pub(super) terms: Terms,
}

#[derive(Debug)]
pub(super) enum Kind {
    Memory(memory::Claim),
    Kv(kv::Claim),
    #[cfg(feature = "redis")]
    Redis(super::redis::Claim),
    #[cfg(feature = "sqlite")]
    Sqlite(super::sql::Claim<sqlx::Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(super::sql::Claim<sqlx::Postgres>),
}

impl Claim {
    /// What the handler gets its transaction from, where the inbox has one.
    pub(crate) fn held(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        match &self.kind {
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(claim) => Some(claim.held()),
            #[cfg(feature = "postgres")]
            Kind::Postgres(claim) => Some(claim.held()),
            _ => None,
        }
    }

    /// Awaits the handler's work, and keeps others from the event meanwhile. Gives the work up where that is not possible any
    /// more, before another instance can begin with it.
    pub(crate) async fn hold<T>(&self, work: impl Future<Output = T>) -> Result<T, InboxError> {
        tokio::select! {
            biased;
            done = work => Ok(done),
            error = self.renewed() => Err(error),
        }
    }

    /// Renews the claim until that fails for good: when another instance has the event, or a little before one may.
    pub(crate) async fn renewed(&self) -> InboxError {
        let lease = self.terms.lease;
        let known = lease - lease / 12;
        let Some(since) = self.leased_since() else { return std::future::pending().await };
        let mut known_until = since + known;
        let mut next = since + lease / 3;
        loop {
            tokio::time::sleep_until(next.min(known_until)).await;
            let now = Instant::now();
            next = now + lease / 3;
            if !self.is_leased() {
                known_until = now + known;
                continue;
            }
            if now >= known_until {
                return InboxError::Unrenewed;
            }
            match tokio::time::timeout_at(known_until, self.renew()).await {
                Ok(Ok(true)) => known_until = now + known,
                // It may have become the database's own business meanwhile.
                Ok(_) | Err(_) if !self.is_leased() => {}
                Ok(Ok(false)) => return InboxError::Lost,
                Ok(Err(error)) => {
                    tracing::debug!(%error, "a claim of the inbox not renewed; trying again");
                    next = Instant::now() + lease / 12;
                }
                Err(_) => return InboxError::Unrenewed,
            }
        }
    }

    /// When it was asked for, where others may take the event once nothing was heard for as long as the lease.
    fn leased_since(&self) -> Option<Instant> {
        match &self.kind {
            Kind::Memory(_) => None,
            Kind::Kv(claim) => Some(claim.since),
            #[cfg(feature = "redis")]
            Kind::Redis(claim) => Some(claim.since),
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(claim) => claim.leased_since(),
            #[cfg(feature = "postgres")]
            Kind::Postgres(claim) => claim.leased_since(),
        }
    }

    fn is_leased(&self) -> bool {
        self.leased_since().is_some()
    }

    async fn renew(&self) -> Result<bool, InboxError> {
        match &self.kind {
            Kind::Memory(_) => Ok(true),
            Kind::Kv(claim) => Box::pin(claim.renew()).await,
            #[cfg(feature = "redis")]
            Kind::Redis(claim) => Box::pin(claim.renew()).await,
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(claim) => claim.renew().await,
            #[cfg(feature = "postgres")]
            Kind::Postgres(claim) => claim.renew().await,
        }
    }

    /// The handler said that all went well: the event is marked.
    ///
    /// An error says that nothing was done: the transaction that had the handler's effect in it is not committed, or it is not
    /// known whether it is, which the mark in it will tell. Without one, the effect is there, and all that is lost where no mark
    /// can be written is that a second copy of the event would be known for one.
    pub(crate) async fn done(self) -> Result<(), InboxError> {
        let retention = self.terms.retention;
        match self.kind {
            Kind::Memory(claim) => claim.done(retention),
            Kind::Kv(claim) => marked(Box::pin(claim.done()).await),
            #[cfg(feature = "redis")]
            Kind::Redis(claim) => {
                let done = super::wait::repeated(self.terms.lease, || claim.done(retention));
                marked(Box::pin(done).await);
            }
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(claim) => claim.done().await?,
            #[cfg(feature = "postgres")]
            Kind::Postgres(claim) => claim.done().await?,
        }
        Ok(())
    }

    /// The event was not handled: there is no mark of it, and whoever has it next may begin at once.
    pub(crate) async fn release(self) {
        let released = tokio::time::timeout(
            RELEASING,
            Box::pin(async {
                match &self.kind {
                    Kind::Memory(_) => Ok(()),
                    Kind::Kv(claim) => claim.release().await,
                    #[cfg(feature = "redis")]
                    Kind::Redis(claim) => claim.release().await,
                    #[cfg(feature = "sqlite")]
                    Kind::Sqlite(claim) => claim.release().await,
                    #[cfg(feature = "postgres")]
                    Kind::Postgres(claim) => claim.release().await,
                }
            }),
        );
        match released.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "a claim of the inbox not given up; it ends by itself");
            }
            Err(_) => {
                tracing::warn!("a claim of the inbox not given up in time; it ends by itself");
            }
        }
    }
}

/// The effect is there, whether the mark of it could be written or not.
pub(super) fn marked(written: Result<(), InboxError>) {
    if let Err(error) = written {
        tracing::error!(%error, "an event was handled, and the inbox could not be told: a second copy would be handled too");
    }
}

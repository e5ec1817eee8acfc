use std::time::Duration;

use crate::kv::KvError;

/// An inbox could not say whether an event was handled, or not keep that it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError {
    /// The bucket could not be used.
    #[error("the inbox's bucket could not be used")]
    Kv(#[from] KvError),
    /// The database could not be used.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    #[error("the inbox's database could not be used")]
    Database(#[from] sqlx::Error),
    /// The tables are not there.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    #[error("the inbox has no tables yet: call `Inbox::migrate` before the run")]
    NotMigrated(#[source] sqlx::Error),
    /// The handler's transaction cannot be committed, although the handler said that all went well.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    #[error(
        "the handler's transaction was aborted: a statement in it failed, and the handler did not, or ended it itself"
    )]
    Aborted(#[source] Option<sqlx::Error>),
    /// The transaction outlived its handler. It is rolled back once it is dropped.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    #[error(
        "the handler kept its transaction beyond its own end, so it cannot be committed: a `Tx` must not be moved into a task or be forgotten"
    )]
    Kept,
    /// The handler has its transaction already.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    #[error("the handler has taken its transaction already: hand it on by `&mut`")]
    Taken,
    /// There is no transaction of this database.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    #[error(
        "the handler has no transaction of this database: the run needs its inbox, and the subscription `idempotent: true` in the catalog"
    )]
    NoTransaction,
    /// A change that was to be written together with others was not.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    #[error("the inbox could not be written")]
    Batch(#[source] std::sync::Arc<InboxError>),
    /// Redis could not be used.
    #[cfg(feature = "redis")]
    #[error("the inbox's Redis could not be used")]
    Redis(#[from] redis::RedisError),
    /// Others write in the database without a pause.
    #[error("the inbox's database was busy for {0:?}")]
    Busy(Duration),
    /// Another instance handles the event by now: this one could not say in time that it is at work.
    #[error("the claim on the event was lost to another instance")]
    Lost,
    /// What keeps the claims did not answer in time, so that another instance may begin with the event.
    #[error("the claim on the event could not be renewed in time")]
    Unrenewed,
}

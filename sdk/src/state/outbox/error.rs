use std::path::PathBuf;

use crate::{BrokerError, MigrateError, PublishError};

/// An event was not put into the outbox, or the outbox cannot be worked with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// Something is wrong with the event. Nothing was written.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The event expects a last sequence on its subject. Nothing was written.
    #[error(
        "`{event_type}` cannot expect a last sequence: by the time that the outbox is relayed, others may have come. \
         Publish it without the outbox, or leave `expect_last_sequence` away"
    )]
    Expecting {
        /// The event.
        event_type: &'static str,
    },
    /// The database does not do what it is asked. Within a transaction, nothing of it is stored unless it is committed.
    #[error("the outbox's database failed")]
    Database(#[from] sqlx::Error),
    /// The outbox's tables cannot be read.
    #[error("the outbox's tables cannot be read: call `Outbox::migrate` when the service starts")]
    Tables(#[source] sqlx::Error),
    /// The outbox's tables could not be made.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The folder of an outbox's file cannot be made.
    #[error("the folder of `{}` cannot be made", path.display())]
    Folder {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The relay's connection to the broker was closed.
    #[error("the relay has ended: what it has not relayed stays in the outbox")]
    Broker(#[source] BrokerError),
}

//! An outbox in a file of its own.

use std::path::Path;

use sqlx::Sqlite;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{Outbox, OutboxError};

/// SQLite has one writer at a time, and the others read meanwhile.
const CONNECTIONS: u32 = 4;

impl Outbox<Sqlite> {
    /// An outbox in a file of its own, for services without a database. The file and its folder are made where they are
    /// missing. What [`store`](Self::store) has returned for survives the process and the loss of power.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub async fn file(path: impl AsRef<Path>) -> Result<Self, OutboxError> {
        let path = path.as_ref();
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|source| OutboxError::Folder { path: path.to_owned(), source })?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).connect_with(options);
        let outbox = Self::new(pool.await?);
        outbox.migrate().await?;
        Ok(outbox)
    }
}

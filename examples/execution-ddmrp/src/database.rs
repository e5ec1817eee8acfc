//! Where a service keeps what it knows, and what it has to say: an SQLite file of its own.

use std::path::Path;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tidings::Inbox;
use tidings::outbox::SqliteOutbox;

/// SQLite has one writer at a time: whoever waits for the connection does so in a line, and whoever waits for the file only tries now and then.
const CONNECTIONS: u32 = 1;

/// A service's database with the tables of its outbox and inbox.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub(crate) pool: SqlitePool,
    pub(crate) outbox: SqliteOutbox,
    pub(crate) inbox: Inbox,
}

impl Database {
    /// Opens the file, and makes what is missing.
    pub(crate) async fn open(path: &Path, schema: &'static str) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS);
        let pool = pool.connect_with(options).await?;
        sqlx::raw_sql(schema).execute(&pool).await?;
        let (outbox, inbox) = (SqliteOutbox::new(pool.clone()), Inbox::sqlite(pool.clone()));
        outbox.migrate().await?;
        inbox.migrate().await?;
        Ok(Self { pool, outbox, inbox })
    }

    /// Begins a change of the service's state, and of what the world is told of it.
    pub(crate) async fn begin(&self) -> sqlx::Result<sqlx::Transaction<'static, sqlx::Sqlite>> {
        self.pool.begin_with("BEGIN IMMEDIATE").await
    }
}

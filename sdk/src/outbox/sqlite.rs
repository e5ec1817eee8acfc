//! The outbox in SQLite.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Pool, Row as _, Sqlite};

use super::dead::DeadEvent;
use super::row::{Columns, Entry, Waiting};
use super::statements::{
    PAGE, Read, Renewal, Renewed, SLICE, Turn, quoted, share, statements, time,
};
use super::{Outbox, OutboxError};

/// Connections of an outbox in a file: SQLite has one writer at a time, and the others read meanwhile.
const CONNECTIONS: u32 = 4;

/// The tables, version by version. What was released is never edited.
///
/// Ids are never given twice (AUTOINCREMENT): a relay that was held up may still write down what has become of one.
const STEPS: &[&str] = &["
    CREATE TABLE tidings_outbox (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        lane       INTEGER NOT NULL,
        shard      INTEGER NOT NULL,
        event_id   TEXT NOT NULL,
        event_type TEXT NOT NULL,
        stream     TEXT NOT NULL,
        subject    TEXT NOT NULL,
        key        TEXT,
        headers    TEXT NOT NULL,
        payload    BLOB NOT NULL,
        copies     TEXT,
        stored_at  INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
    ) STRICT;
    CREATE TABLE tidings_outbox_dead (
        id         INTEGER PRIMARY KEY,
        lane       INTEGER NOT NULL,
        shard      INTEGER NOT NULL,
        event_id   TEXT NOT NULL,
        event_type TEXT NOT NULL,
        stream     TEXT NOT NULL,
        subject    TEXT NOT NULL,
        key        TEXT,
        headers    TEXT NOT NULL,
        payload    BLOB NOT NULL,
        copies     TEXT,
        stored_at  INTEGER NOT NULL,
        died_at    INTEGER NOT NULL,
        error      TEXT NOT NULL
    ) STRICT;
    CREATE TABLE tidings_outbox_relayed (
        id         INTEGER PRIMARY KEY,
        lane       INTEGER NOT NULL,
        shard      INTEGER NOT NULL,
        event_id   TEXT NOT NULL,
        event_type TEXT NOT NULL,
        stream     TEXT NOT NULL,
        subject    TEXT NOT NULL,
        key        TEXT,
        headers    TEXT NOT NULL,
        payload    BLOB NOT NULL,
        copies     TEXT,
        stored_at  INTEGER NOT NULL,
        relayed_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX tidings_outbox_relayed_at ON tidings_outbox_relayed (relayed_at);
    CREATE TABLE tidings_outbox_relay (
        name  TEXT PRIMARY KEY,
        until INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE tidings_outbox_shard (
        shard     INTEGER PRIMARY KEY,
        owner     TEXT,
        until     INTEGER NOT NULL DEFAULT 0,
        attempted INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    INSERT INTO tidings_outbox_shard (shard)
        SELECT value FROM json_each('[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]');
"];

statements! {
    Sqlite,
    begin: "BEGIN IMMEDIATE",
    lock: "",
    tables: "SELECT count(*) FROM sqlite_schema WHERE name = 'tidings_outbox_schema'",
    now: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    list: ["SELECT value FROM json_each(", ")"],
    brackets: ['[', ']'],
    names: ["SELECT value FROM json_each(", ")"],
    insert: ["", ""],
    steps: STEPS,

    type Listener = ();

    /// SQLite tells nobody of commits: writers in other processes are found by looking.
    const POLL: Duration = Duration::from_millis(200);

    async fn listen(_pool: Pool<Self>) -> sqlx::Result<()> {
        Ok(())
    }

    async fn heard(_listener: &mut ()) -> sqlx::Result<()> {
        std::future::pending().await
    }
}

impl Outbox<Sqlite> {
    /// An outbox in a file of its own, for services without a database. The file and its folder are made where they are
    /// missing. What [`store`](Self::store) has returned for survives the process and the loss of power.
    ///
    /// # Errors
    /// The file cannot be opened, or was written by a newer version of this crate.
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

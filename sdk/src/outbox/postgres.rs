//! The outbox in PostgreSQL.

use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{Pool, Postgres, Row as _};

use super::OutboxError;
use super::dead::DeadEvent;
use super::row::{Columns, Entry, Waiting};
use super::statements::{
    PAGE, Read, Renewal, Renewed, SLICE, Turn, quoted, share, statements, time,
};

/// Where it is told that a transaction with events was committed.
const CHANNEL: &str = "tidings_outbox";

/// The tables, version by version. What was released is never edited.
///
/// Rows come and go quickly: they are vacuumed by their number, whatever the share of it that is dead.
const STEPS: &[&str] = &["
    CREATE TABLE tidings_outbox (
        id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        lane       BIGINT NOT NULL,
        shard      BIGINT NOT NULL,
        event_id   TEXT NOT NULL,
        event_type TEXT NOT NULL,
        stream     TEXT NOT NULL,
        subject    TEXT NOT NULL,
        key        TEXT,
        headers    TEXT NOT NULL,
        payload    BYTEA NOT NULL,
        copies     TEXT,
        stored_at  BIGINT NOT NULL DEFAULT (CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT))
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
    CREATE TABLE tidings_outbox_dead (
        id         BIGINT PRIMARY KEY,
        lane       BIGINT NOT NULL,
        shard      BIGINT NOT NULL,
        event_id   TEXT NOT NULL,
        event_type TEXT NOT NULL,
        stream     TEXT NOT NULL,
        subject    TEXT NOT NULL,
        key        TEXT,
        headers    TEXT NOT NULL,
        payload    BYTEA NOT NULL,
        copies     TEXT,
        stored_at  BIGINT NOT NULL,
        died_at    BIGINT NOT NULL,
        error      TEXT NOT NULL
    );
    CREATE TABLE tidings_outbox_relayed (
        id         BIGINT PRIMARY KEY,
        lane       BIGINT NOT NULL,
        shard      BIGINT NOT NULL,
        event_id   TEXT NOT NULL,
        event_type TEXT NOT NULL,
        stream     TEXT NOT NULL,
        subject    TEXT NOT NULL,
        key        TEXT,
        headers    TEXT NOT NULL,
        payload    BYTEA NOT NULL,
        copies     TEXT,
        stored_at  BIGINT NOT NULL,
        relayed_at BIGINT NOT NULL
    );
    CREATE INDEX tidings_outbox_relayed_at ON tidings_outbox_relayed (relayed_at);
    CREATE TABLE tidings_outbox_relay (
        name  TEXT PRIMARY KEY,
        until BIGINT NOT NULL
    );
    CREATE TABLE tidings_outbox_shard (
        shard     BIGINT PRIMARY KEY,
        owner     TEXT,
        until     BIGINT NOT NULL DEFAULT 0,
        attempted BIGINT NOT NULL DEFAULT 0
    );
    INSERT INTO tidings_outbox_shard (shard) SELECT generate_series(0, 15);
"];

statements! {
    Postgres,
    begin: "BEGIN",
    // The key is `tidings` in ASCII.
    lock: "SELECT pg_advisory_xact_lock(32766977284925299);",
    tables: "SELECT count(*) FROM pg_class WHERE oid = to_regclass('tidings_outbox_schema')",
    now: "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
    list: ["SELECT unnest(CAST(", " AS BIGINT[]))"],
    brackets: ['{', '}'],
    names: ["SELECT jsonb_array_elements_text(CAST(", " AS JSONB))"],
    insert: ["WITH stored AS (", " RETURNING 1) SELECT pg_notify('tidings_outbox', '') FROM stored"],
    steps: STEPS,

    type Listener = PgListener;

    /// Only where a notification was lost with its connection.
    const POLL: Duration = Duration::from_secs(5);

    async fn listen(pool: Pool<Self>) -> sqlx::Result<PgListener> {
        let mut listener = PgListener::connect_with(&pool).await?;
        // A pool that is closed waits for its connections, and this one is needed for as long as the relay runs.
        listener.ignore_pool_close_event(true);
        listener.listen(CHANNEL).await?;
        Ok(listener)
    }

    async fn heard(listener: &mut PgListener) -> sqlx::Result<()> {
        // Without a notification the connection was lost, and perhaps one with it.
        listener.try_recv().await.map(drop)
    }
}

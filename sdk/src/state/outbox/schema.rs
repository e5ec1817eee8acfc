//! The outbox's tables, version by version.

use crate::state::sql::{Migration, Migrations};

pub(super) const TABLES: Migrations = Migrations { component: "outbox", steps: &[FIRST, SUSPECT] };

/// Ids are never given twice (AUTOINCREMENT, IDENTITY): a relay that was held up may still write down what has become of
/// one. Rows come and go quickly: PostgreSQL is to vacuum them by their number, whatever the share of it that is dead.
const FIRST: Migration = Migration {
    sqlite: "
        CREATE TABLE tidings_outbox (
            id         INTEGER PRIMARY KEY AUTOINCREMENT,
            lane       INTEGER NOT NULL,
            shard      INTEGER NOT NULL,
            event_id   TEXT NOT NULL,
            event_type TEXT NOT NULL,
            stream     TEXT NOT NULL,
            subject    TEXT NOT NULL,
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
    ",
    postgres: "
        CREATE TABLE tidings_outbox (
            id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            lane       BIGINT NOT NULL,
            shard      BIGINT NOT NULL,
            event_id   TEXT NOT NULL,
            event_type TEXT NOT NULL,
            stream     TEXT NOT NULL,
            subject    TEXT NOT NULL,
            headers    TEXT NOT NULL,
            payload    BYTEA NOT NULL,
            copies     TEXT,
            stored_at  BIGINT NOT NULL
                       DEFAULT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)
        ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
        CREATE TABLE tidings_outbox_dead (
            id         BIGINT PRIMARY KEY,
            lane       BIGINT NOT NULL,
            shard      BIGINT NOT NULL,
            event_id   TEXT NOT NULL,
            event_type TEXT NOT NULL,
            stream     TEXT NOT NULL,
            subject    TEXT NOT NULL,
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
    ",
};

/// Rows that were dead, of which some messages may be in their streams.
const SUSPECT: Migration = Migration {
    sqlite: "ALTER TABLE tidings_outbox ADD COLUMN suspect INTEGER NOT NULL DEFAULT 0",
    postgres: "ALTER TABLE tidings_outbox ADD COLUMN suspect BIGINT NOT NULL DEFAULT 0",
};

//! The table of marks, and what is done with it.
//!
//! A row without an owner says that the event was handled; one with an owner, that it is being handled, until it expires.
//! Times are the database's own, so that no two clocks are compared.

use std::time::Duration;

use sqlx::Pool;

use super::super::{InboxError, Mark};
use crate::state::sql::{Dialect, Migration, Migrations, Value};

pub(super) const MIGRATIONS: Migrations = Migrations {
    component: "inbox",
    steps: &[Migration {
        sqlite: "CREATE TABLE tidings_inbox (
            subscription TEXT NOT NULL,
            source TEXT NOT NULL,
            event TEXT NOT NULL,
            owner TEXT,
            expires INTEGER NOT NULL,
            PRIMARY KEY (subscription, source, event)
        ) WITHOUT ROWID;
        CREATE INDEX tidings_inbox_expires ON tidings_inbox (expires)",
        postgres: "CREATE TABLE tidings_inbox (
            subscription TEXT NOT NULL,
            source TEXT NOT NULL,
            event TEXT NOT NULL,
            owner TEXT,
            expires BIGINT NOT NULL,
            PRIMARY KEY (subscription, source, event)
        );
        CREATE INDEX tidings_inbox_expires ON tidings_inbox (expires)",
    }],
};

/// What is kept for ever is kept for a thousand years.
const FOR_EVER: i64 = 1000 * 365 * 24 * 3600 * 1000;

#[derive(Debug)]
struct Statements {
    claim: &'static str,
    mark: &'static str,
    mark_claimed: &'static str,
    done: &'static str,
    sweep: &'static str,
}

/// With the database's milliseconds since 1970, and how it passes over rows that others are at.
macro_rules! statements {
    ($now:literal, $skip:literal) => {
        Statements {
            // 1 where it is ours now: it was nobody's, was given up, or has been ours all along.
            claim: concat!(
                "INSERT INTO tidings_inbox (subscription, source, event, owner, expires)
                VALUES ($1, $2, $3, $4, ",
                $now,
                " + $5)
                ON CONFLICT (subscription, source, event)
                DO UPDATE SET owner = excluded.owner, expires = excluded.expires
                WHERE tidings_inbox.owner = excluded.owner
                OR (tidings_inbox.owner IS NOT NULL AND tidings_inbox.expires < ",
                $now,
                ")"
            ),
            // 1 where it was nobody's, or was given up.
            mark: concat!(
                "INSERT INTO tidings_inbox (subscription, source, event, owner, expires)
                VALUES ($1, $2, $3, NULL, ",
                $now,
                " + $4)
                ON CONFLICT (subscription, source, event)
                DO UPDATE SET owner = NULL, expires = excluded.expires
                WHERE tidings_inbox.owner IS NOT NULL AND tidings_inbox.expires < ",
                $now
            ),
            // 1 where it is still ours.
            mark_claimed: concat!(
                "UPDATE tidings_inbox SET owner = NULL, expires = ",
                $now,
                " + $5
                WHERE subscription = $1 AND source = $2 AND event = $3 AND owner = $4"
            ),
            // Whoever may have claimed it since: the effect is there.
            done: concat!(
                "INSERT INTO tidings_inbox (subscription, source, event, owner, expires)
                VALUES ($1, $2, $3, NULL, ",
                $now,
                " + $4)
                ON CONFLICT (subscription, source, event)
                DO UPDATE SET owner = NULL, expires = excluded.expires"
            ),
            sweep: concat!(
                "DELETE FROM tidings_inbox WHERE (subscription, source, event) IN (
                    SELECT subscription, source, event FROM tidings_inbox
                    WHERE expires < ",
                $now,
                " ORDER BY expires LIMIT $1",
                $skip,
                "
                )"
            ),
        }
    };
}

const SQLITE: Statements = statements!("CAST(unixepoch('subsec') * 1000 AS INTEGER)", "");
const POSTGRES: Statements = statements!(
    "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
    " FOR UPDATE SKIP LOCKED"
);

const RELEASE: &str = "DELETE FROM tidings_inbox
    WHERE subscription = $1 AND source = $2 AND event = $3 AND owner = $4";
const STANDING: &str = "SELECT CAST(CASE WHEN owner IS NULL THEN 1 ELSE 0 END AS BIGINT)
    FROM tidings_inbox WHERE subscription = $1 AND source = $2 AND event = $3";
const CHECK: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM tidings_inbox WHERE 1 = 0";

/// A change that needs no transaction of its own.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// Claims the event for this owner, or renews its claim.
    Claim { by: String, lease: Duration },
    /// It was handled.
    Done { retention: Option<Duration> },
    /// It is given free, where this owner has it.
    Release { by: String },
}

impl Change {
    /// Whether it had an effect.
    pub(super) async fn make<DB: Dialect>(
        &self,
        connection: &mut DB::Connection,
        mark: &Mark,
    ) -> sqlx::Result<bool> {
        let all = DB::choose(&SQLITE, &POSTGRES);
        let [subscription, source, event] = key(mark);
        let changed = match self {
            Self::Claim { by, lease } => {
                let end = Value::Number(millis(*lease));
                let values = [subscription, source, event, Value::Text(by), end];
                DB::execute(connection, all.claim, &values).await
            }
            Self::Done { retention } => {
                let values = [subscription, source, event, kept(*retention)];
                DB::execute(connection, all.done, &values).await
            }
            Self::Release { by } => {
                let values = [subscription, source, event, Value::Text(by)];
                DB::execute(connection, RELEASE, &values).await
            }
        };
        changed.map(|rows| rows > 0)
    }
}

/// Marks as handled what nobody has marked or claimed. Where somebody is at it in an open transaction, PostgreSQL waits for
/// its end.
pub(super) async fn mark<DB: Dialect>(
    connection: &mut DB::Connection,
    mark: &Mark,
    retention: Option<Duration>,
) -> sqlx::Result<bool> {
    let [subscription, source, event] = key(mark);
    let values = [subscription, source, event, kept(retention)];
    let statement = DB::choose(&SQLITE, &POSTGRES).mark;
    DB::execute(connection, statement, &values).await.map(|rows| rows > 0)
}

/// Marks as handled what this owner has claimed.
pub(super) async fn mark_claimed<DB: Dialect>(
    connection: &mut DB::Connection,
    mark: &Mark,
    by: &str,
    retention: Option<Duration>,
) -> sqlx::Result<bool> {
    let [subscription, source, event] = key(mark);
    let values = [subscription, source, event, Value::Text(by), kept(retention)];
    let statement = DB::choose(&SQLITE, &POSTGRES).mark_claimed;
    DB::execute(connection, statement, &values).await.map(|rows| rows > 0)
}

/// Whether it was handled.
pub(super) async fn is_handled<DB: Dialect>(
    connection: &mut DB::Connection,
    mark: &Mark,
) -> sqlx::Result<bool> {
    DB::number(connection, STANDING, &key(mark)).await.map(|standing| standing == Some(1))
}

/// Forgets what may be forgotten, so many at most; returns how many these were.
pub(super) async fn sweep<DB: Dialect>(pool: &Pool<DB>, most: i64) -> sqlx::Result<u64> {
    let statement = DB::choose(&SQLITE, &POSTGRES).sweep;
    let mut connection = pool.acquire().await?;
    DB::execute(&mut connection, statement, &[Value::Number(most)]).await
}

/// Whether the table is there.
pub(super) async fn check<DB: Dialect>(pool: &Pool<DB>) -> Result<(), InboxError> {
    let mut connection = pool.acquire().await?;
    match DB::number(&mut connection, CHECK, &[]).await {
        Ok(_) => Ok(()),
        Err(error @ sqlx::Error::Database(_)) => Err(InboxError::NotMigrated(error)),
        Err(error) => Err(error.into()),
    }
}

fn key(mark: &Mark) -> [Value<'_>; 3] {
    [mark.subscription, &mark.source, &mark.event].map(Value::Text)
}

fn kept(retention: Option<Duration>) -> Value<'static> {
    Value::Number(retention.map_or(FOR_EVER, |retention| millis(retention).min(FOR_EVER)))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(FOR_EVER)
}

//! The table of marks, and what is done with it.
//!
//! A row without an owner says that the event was handled; one with an owner, that it is being handled, until it expires.
//! Times are the database's own, so that no two clocks are compared.

use std::time::Duration;

use sqlx::Pool;

use crate::state::inbox::{InboxError, Mark};
use crate::state::sql::{Dialect, Migration, Migrations, Value, sql};

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

const STANDING: &str = "SELECT CAST(CASE WHEN owner IS NULL THEN 1 ELSE 0 END AS BIGINT)
    FROM tidings_inbox WHERE subscription = $1 AND source = $2 AND event = $3";
const CHECK: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM tidings_inbox WHERE 1 = 0";

/// Marks as handled what nobody has marked or claimed. Where somebody is at it in an open transaction, PostgreSQL waits for
/// its end.
pub(super) async fn mark<DB: Dialect>(
    connection: &mut DB::Connection,
    mark: &Mark,
    retention: Option<Duration>,
) -> sqlx::Result<bool> {
    // It was nobody's, or was given up.
    let statement = sql!(
        DB,
        "INSERT INTO tidings_inbox (subscription, source, event, owner, expires) \
         VALUES ($1, $2, $3, NULL, " now " + $4) \
         ON CONFLICT (subscription, source, event) \
         DO UPDATE SET owner = NULL, expires = excluded.expires \
         WHERE tidings_inbox.owner IS NOT NULL AND tidings_inbox.expires < " now
    );
    let [subscription, source, event] = key(mark);
    let values = [subscription, source, event, Value::Number(kept(retention))];
    DB::execute(connection, statement, &values).await.map(|rows| rows > 0)
}

/// Marks as handled what this owner has claimed.
pub(super) async fn mark_claimed<DB: Dialect>(
    connection: &mut DB::Connection,
    mark: &Mark,
    by: &str,
    retention: Option<Duration>,
) -> sqlx::Result<bool> {
    let statement = sql!(
        DB,
        "UPDATE tidings_inbox SET owner = NULL, expires = " now " + $5 \
         WHERE subscription = $1 AND source = $2 AND event = $3 AND owner = $4"
    );
    let [subscription, source, event] = key(mark);
    let values = [subscription, source, event, Value::Text(by), Value::Number(kept(retention))];
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
    let statement = sql!(
        DB,
        "DELETE FROM tidings_inbox WHERE (subscription, source, event) IN ( \
         SELECT subscription, source, event FROM tidings_inbox WHERE expires < " now
        " ORDER BY expires LIMIT $1" skip ")"
    );
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

/// For how many milliseconds a mark is kept.
pub(super) fn kept(retention: Option<Duration>) -> i64 {
    retention.map_or(FOR_EVER, |retention| millis(retention).min(FOR_EVER))
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(FOR_EVER)
}

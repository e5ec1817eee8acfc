use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnection, PgListener, PgPoolOptions, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Pool, Postgres, Transaction};

use super::dialect::Statements;
use super::{Dialect, columns, statements};

impl Dialect for Postgres {}

columns!(PgRow);

impl Statements for Postgres {
    type Listener = PgListener;

    const INBOX: &'static str = "Inbox::postgres(pool)";

    /// Somebody has a lock for longer than we wait, or has written what this transaction has not seen.
    fn is_busy(error: &sqlx::Error) -> bool {
        let code = error.as_database_error().and_then(DatabaseError::code);
        code.is_some_and(|code| matches!(&*code, "55P03" | "40001" | "40P01"))
    }

    fn choose<T>(_: T, postgres: T) -> T {
        postgres
    }

    /// Whatever the service has for its own: what these transactions do is right where each statement sees what others have
    /// committed.
    async fn begin(
        connection: &mut PgConnection,
        patience: Duration,
    ) -> sqlx::Result<Transaction<'_, Self>> {
        connection.begin_with(bounded("BEGIN ISOLATION LEVEL READ COMMITTED", patience)).await
    }

    async fn begin_for_service(
        pool: &Pool<Self>,
        patience: Duration,
    ) -> sqlx::Result<Transaction<'static, Self>> {
        pool.begin_with(bounded("BEGIN", patience)).await
    }

    async fn lock(connection: &mut Self::Connection, lock: i64) -> sqlx::Result<()> {
        let locked = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(lock);
        locked.execute(connection).await.map(drop)
    }

    async fn listen(pool: &Pool<Self>, channel: &'static str) -> sqlx::Result<PgListener> {
        // A connection of its own: it is kept for good, and a small pool has none to spare.
        let options = pool.connect_options();
        let own = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let own = own.connect_lazy_with((*options).clone());
        let mut listener = PgListener::connect_with(&own).await?;
        listener.listen(channel).await?;
        Ok(listener)
    }

    async fn heard(listener: &mut PgListener) -> sqlx::Result<()> {
        // Without a notification the connection was lost, and perhaps one with it.
        listener.try_recv().await.map(drop)
    }

    statements!();
}

/// The beginning of a transaction that ends with its client, and waits for no one for ever: a client may vanish without a word,
/// and what it has locked would be locked for as long as the network keeps its connection.
fn bounded(begin: &str, patience: Duration) -> AssertSqlSafe<String> {
    let millis = i32::try_from(patience.as_millis()).unwrap_or(i32::MAX).max(1);
    AssertSqlSafe(format!(
        "{begin}; SET LOCAL idle_in_transaction_session_timeout = {millis}; SET LOCAL lock_timeout = {millis}"
    ))
}

use sqlx::postgres::{PgListener, PgPoolOptions, PgRow};
use sqlx::{Pool, Postgres, Transaction};

use super::dialect::Statements;
use super::{Dialect, columns, statements};

impl Dialect for Postgres {}

columns!(PgRow);

impl Statements for Postgres {
    type Listener = PgListener;

    const INBOX: &'static str = "Inbox::postgres(pool)";

    /// It has those who write wait.
    fn is_busy(_: &sqlx::Error) -> bool {
        false
    }

    fn choose<T>(_: T, postgres: T) -> T {
        postgres
    }

    async fn begin(pool: &Pool<Self>) -> sqlx::Result<Transaction<'static, Self>> {
        pool.begin().await
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

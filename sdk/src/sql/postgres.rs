use sqlx::{Pool, Postgres, Transaction};

use super::dialect::Statements;
use super::{Dialect, statements};

impl Dialect for Postgres {}

impl Statements for Postgres {
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

    statements!();
}

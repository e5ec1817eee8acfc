use sqlx::{Pool, Sqlite, Transaction};

use super::dialect::Statements;
use super::{Dialect, statements};

impl Dialect for Sqlite {}

impl Statements for Sqlite {
    fn choose<T>(sqlite: T, _: T) -> T {
        sqlite
    }

    async fn begin(pool: &Pool<Self>) -> sqlx::Result<Transaction<'static, Self>> {
        pool.begin_with("BEGIN IMMEDIATE").await
    }

    /// Its transactions that write are one after the other anyway.
    async fn lock(_: &mut Self::Connection, _: i64) -> sqlx::Result<()> {
        Ok(())
    }

    statements!();
}

use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Connection as _, Pool, Sqlite, Transaction};

use super::dialect::Statements;
use super::{Dialect, columns, statements};

impl Dialect for Sqlite {}

columns!(SqliteRow);

impl Statements for Sqlite {
    type Listener = ();

    const INBOX: &'static str = "Inbox::sqlite(pool)";

    /// `SQLITE_BUSY`, whatever comes with it in the higher bits.
    fn is_busy(error: &sqlx::Error) -> bool {
        let code = error.as_database_error().and_then(DatabaseError::code);
        let code = code.and_then(|code| code.parse::<u32>().ok());
        code.is_some_and(|code| code & 0xff == 5)
    }

    fn choose<T>(sqlite: T, _: T) -> T {
        sqlite
    }

    async fn begin(
        connection: &mut SqliteConnection,
        _: Duration,
    ) -> sqlx::Result<Transaction<'_, Self>> {
        connection.begin_with("BEGIN IMMEDIATE").await
    }

    async fn begin_for_service(
        pool: &Pool<Self>,
        _: Duration,
    ) -> sqlx::Result<Transaction<'static, Self>> {
        pool.begin_with("BEGIN IMMEDIATE").await
    }

    /// Its transactions that write are one after the other anyway.
    async fn lock(_: &mut Self::Connection, _: i64) -> sqlx::Result<()> {
        Ok(())
    }

    async fn listen(_: &Pool<Self>, _: &'static str) -> sqlx::Result<()> {
        Ok(())
    }

    async fn heard((): &mut ()) -> sqlx::Result<()> {
        std::future::pending().await
    }

    statements!();
}

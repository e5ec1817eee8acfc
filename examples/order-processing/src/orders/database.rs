use sqlx::{Pool, Postgres, Sqlite};
use tidings::{Dialect, Inbox};

/// A database that orders are kept in. Both read the same statements; only their types are each one's own.
pub(crate) trait Database: Dialect {
    /// How a transaction begins that is going to write: SQLite has one writer at a time, who says so at once.
    const BEGIN: &'static str;

    fn inbox(pool: Pool<Self>) -> Inbox;

    /// How many rows a statement has written.
    fn write(
        connection: &mut Self::Connection,
        statement: &'static str,
        values: &[&str],
    ) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// The texts that a query finds.
    fn texts(
        connection: &mut Self::Connection,
        query: &'static str,
        values: &[&str],
    ) -> impl Future<Output = sqlx::Result<Vec<String>>> + Send;

    /// The count that a query finds.
    fn count(
        connection: &mut Self::Connection,
        query: &'static str,
        values: &[&str],
    ) -> impl Future<Output = sqlx::Result<i64>> + Send;
}

macro_rules! database {
    ($database:ty, $begin:literal, $inbox:path) => {
        impl Database for $database {
            const BEGIN: &'static str = $begin;

            fn inbox(pool: Pool<Self>) -> Inbox {
                $inbox(pool)
            }

            async fn write(
                connection: &mut Self::Connection,
                statement: &'static str,
                values: &[&str],
            ) -> sqlx::Result<u64> {
                let query = sqlx::query(statement);
                let query = values.iter().fold(query, |query, value| query.bind(*value));
                Ok(query.execute(connection).await?.rows_affected())
            }

            async fn texts(
                connection: &mut Self::Connection,
                query: &'static str,
                values: &[&str],
            ) -> sqlx::Result<Vec<String>> {
                let query = sqlx::query_scalar(query);
                let query = values.iter().fold(query, |query, value| query.bind(*value));
                query.fetch_all(connection).await
            }

            async fn count(
                connection: &mut Self::Connection,
                query: &'static str,
                values: &[&str],
            ) -> sqlx::Result<i64> {
                let query = sqlx::query_scalar(query);
                let query = values.iter().fold(query, |query, value| query.bind(*value));
                query.fetch_one(connection).await
            }
        }
    };
}

database!(Sqlite, "BEGIN IMMEDIATE", Inbox::sqlite);
database!(Postgres, "BEGIN", Inbox::postgres);

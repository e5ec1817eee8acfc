//! What the service has committed: its own table, beside the outbox.

use sqlx::{Pool, Postgres, Row as _, Sqlite};
use tidings::Dialect;

/// A database with the service's table.
pub(crate) trait Journal: Dialect {
    fn create(pool: &Pool<Self>) -> impl Future<Output = sqlx::Result<()>> + Send;

    fn note(
        connection: &mut Self::Connection,
        parcel: &str,
        step: i64,
    ) -> impl Future<Output = sqlx::Result<()>> + Send;

    /// How many steps a parcel has.
    fn steps(pool: &Pool<Self>, parcel: &str) -> impl Future<Output = sqlx::Result<i64>> + Send;

    /// All that was committed, in order.
    fn all(pool: &Pool<Self>) -> impl Future<Output = sqlx::Result<Vec<(String, i64)>>> + Send;
}

macro_rules! journal {
    ($database:ty) => {
        impl Journal for $database {
            async fn create(pool: &Pool<Self>) -> sqlx::Result<()> {
                let create = "CREATE TABLE IF NOT EXISTS journal (
                    parcel TEXT NOT NULL, step BIGINT NOT NULL, PRIMARY KEY (parcel, step))";
                sqlx::raw_sql(create).execute(pool).await.map(drop)
            }

            async fn note(
                connection: &mut Self::Connection,
                parcel: &str,
                step: i64,
            ) -> sqlx::Result<()> {
                let note = sqlx::query("INSERT INTO journal (parcel, step) VALUES ($1, $2)");
                note.bind(parcel.to_owned()).bind(step).execute(connection).await.map(drop)
            }

            async fn steps(pool: &Pool<Self>, parcel: &str) -> sqlx::Result<i64> {
                let count = sqlx::query_scalar("SELECT count(*) FROM journal WHERE parcel = $1");
                count.bind(parcel.to_owned()).fetch_one(pool).await
            }

            async fn all(pool: &Pool<Self>) -> sqlx::Result<Vec<(String, i64)>> {
                let all = "SELECT parcel, step FROM journal ORDER BY parcel, step";
                let rows = sqlx::query(all).fetch_all(pool).await?;
                rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
            }
        }
    };
}

journal!(Sqlite);
journal!(Postgres);

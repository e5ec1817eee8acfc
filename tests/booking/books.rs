//! The books, in either database.

use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{PgPool, Postgres, Sqlite};
use tidings::{Dialect, Inbox};

use crate::Outcome;

const CREATE: &str =
    "CREATE TABLE IF NOT EXISTS bookings (toll TEXT NOT NULL, clerk BIGINT NOT NULL)";
/// How many tolls were booked, and how many bookings there are.
const COUNT: &str = "SELECT COUNT(DISTINCT toll), COUNT(*) FROM bookings";

#[derive(Clone, Debug)]
pub(crate) enum Books {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A database that books are kept in.
pub(crate) trait Ledger: Dialect {
    fn book(
        connection: &mut Self::Connection,
        toll: &str,
    ) -> impl Future<Output = sqlx::Result<()>> + Send;
}

impl Ledger for Sqlite {
    async fn book(connection: &mut Self::Connection, toll: &str) -> sqlx::Result<()> {
        let insert = sqlx::query("INSERT INTO bookings (toll, clerk) VALUES ($1, $2)");
        let insert = insert.bind(toll.to_owned()).bind(i64::from(std::process::id()));
        insert.execute(connection).await.map(drop)
    }
}

impl Ledger for Postgres {
    async fn book(connection: &mut Self::Connection, toll: &str) -> sqlx::Result<()> {
        let insert = sqlx::query("INSERT INTO bookings (toll, clerk) VALUES ($1, $2)");
        let insert = insert.bind(toll.to_owned()).bind(i64::from(std::process::id()));
        insert.execute(connection).await.map(drop)
    }
}

impl Books {
    /// Opens those at a file's path, or at the address of a server.
    pub(crate) fn open(place: &str) -> Outcome<Self> {
        if place.starts_with("postgres:") {
            return Ok(Self::Postgres(PgPool::connect_lazy(place)?));
        }
        let options = SqliteConnectOptions::new()
            .filename(place)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(10));
        Ok(Self::Sqlite(SqlitePoolOptions::new().max_connections(4).connect_lazy_with(options)))
    }

    pub(crate) fn inbox(&self) -> Inbox {
        match self {
            Self::Sqlite(pool) => Inbox::sqlite(pool.clone()),
            Self::Postgres(pool) => Inbox::postgres(pool.clone()),
        }
    }

    /// Creates the tables.
    pub(crate) async fn prepare(&self) -> Outcome {
        self.inbox().migrate().await?;
        match self {
            Self::Sqlite(pool) => sqlx::raw_sql(CREATE).execute(pool).await.map(drop)?,
            Self::Postgres(pool) => sqlx::raw_sql(CREATE).execute(pool).await.map(drop)?,
        }
        Ok(())
    }

    /// How many tolls were booked, and how many bookings there are.
    pub(crate) async fn count(&self) -> Outcome<(i64, i64)> {
        Ok(match self {
            Self::Sqlite(pool) => sqlx::query_as(COUNT).fetch_one(pool).await?,
            Self::Postgres(pool) => sqlx::query_as(COUNT).fetch_one(pool).await?,
        })
    }
}

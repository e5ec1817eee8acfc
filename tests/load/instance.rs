//! An instance: a handler that writes each event into a database, as services do.

use std::path::Path;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tidings::{Config, Handled, Tidings, Timestamp};
use tidings_tests::catalog::parcels::{ParcelArrived, ParcelSent};
use tidings_tests::catalog::tracking;

use crate::Outcome;

/// A row a delivery that was handled: how long after its publishing, and when.
const SCHEMA: &str = "CREATE TABLE arrivals (step INTEGER NOT NULL, took_us INTEGER NOT NULL, at_us INTEGER NOT NULL) STRICT";

struct Book(SqlitePool);

impl tracking::Journey for Book {
    async fn parcel_sent(&self, event: ParcelSent, cx: &tracking::Context) -> Handled {
        let published = cx.envelope().time.unwrap_or_default();
        let step = i64::try_from(event.step)?;
        let now = Timestamp::now();
        sqlx::query("INSERT INTO arrivals (step, took_us, at_us) VALUES (?, ?, ?)")
            .bind(step)
            .bind(now.duration_since(published).as_micros() as i64)
            .bind(now.as_microsecond())
            .execute(&self.0)
            .await?;
        Ok(())
    }

    async fn parcel_arrived(&self, _: ParcelArrived, _: &tracking::Context) -> Handled {
        Ok(())
    }
}

/// Handles until the process is told to end. The server's address is that of `NATS_URL`.
pub(crate) async fn run(database: &Path) -> Outcome {
    let options = SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    sqlx::raw_sql(SCHEMA).execute(&pool).await?;
    let bus = Tidings::connect(Config::from_env()?).await?;
    bus.run(tracking::Journey::subscriber(Book(pool.clone()))).await?;
    bus.close().await?;
    pool.close().await;
    Ok(())
}

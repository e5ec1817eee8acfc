//! Where a service keeps what it knows: an SQLite database of its own.

use std::path::Path;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

/// Opens the database in a file, or one in memory that is gone with the process, and creates its tables.
///
/// # Errors
/// The file cannot be opened, or is no database.
pub async fn open(path: Option<&Path>, schema: &'static str) -> sqlx::Result<SqlitePool> {
    let options = match path {
        Some(path) => SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full),
        None => SqliteConnectOptions::new().in_memory(true),
    };
    // SQLite has one writer at a time, and a database in memory lives as long as its connection.
    let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    let pool = pool.connect_with(options).await?;
    sqlx::raw_sql(schema).execute(&pool).await?;
    Ok(pool)
}

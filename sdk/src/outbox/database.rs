use super::statements::Statements;

/// A database that can hold an outbox: `sqlx::Sqlite` with the feature `sqlite`, `sqlx::Postgres` with the feature
/// `postgres`.
pub trait Database: Statements {}

impl<DB: Statements> Database for DB {}

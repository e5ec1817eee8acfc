//! Databases of services, as far as this crate keeps tables in them: what is different between them, and how the tables come
//! about.

mod lent;
mod migration;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod text;

use sqlx::{Database, Pool, Transaction};

pub(crate) use lent::{Lent, within};
pub use migration::MigrateError;
pub(crate) use migration::{Migration, Migrations};
pub(crate) use text::{list, names, part, sql};

/// A database that outbox and inbox keep their tables in: [`sqlx::Sqlite`], [`sqlx::Postgres`].
///
/// ```
/// use tidings::Dialect;
/// use tidings::outbox::{Outbox, OutboxError};
///
/// /// For either of them.
/// async fn waiting<DB: Dialect>(outbox: &Outbox<DB>) -> Result<u64, OutboxError> {
///     Ok(outbox.lag().await?.waiting)
/// }
/// ```
pub trait Dialect: dialect::Statements {}

/// A value of a statement.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    Text(&'a str),
    /// A text, or none.
    Perhaps(Option<&'a str>),
    Number(i64),
    Bytes(&'a [u8]),
}

/// What a query has found, by the place of its columns.
pub trait Columns {
    fn text(&self, column: usize) -> sqlx::Result<String>;

    fn perhaps_text(&self, column: usize) -> sqlx::Result<Option<String>>;

    fn number(&self, column: usize) -> sqlx::Result<i64>;

    fn perhaps_number(&self, column: usize) -> sqlx::Result<Option<i64>>;

    fn bytes(&self, column: usize) -> sqlx::Result<Vec<u8>>;
}

/// What the crate asks of a database. Statements number their arguments (`$1`), which both databases read.
pub(crate) mod dialect {
    use std::time::Duration;

    use super::{Columns, Database, Pool, Transaction, Value};

    pub trait Statements: Database {
        /// Hears of what others commit.
        type Listener: Send;

        /// How an inbox in it is written.
        const INBOX: &'static str;

        /// Whether others are in the way, and it would do to try again.
        fn is_busy(error: &sqlx::Error) -> bool;

        /// Whether the error is about what was asked, and not about reaching the database.
        fn is_of_statement(error: &sqlx::Error) -> bool {
            matches!(error, sqlx::Error::Database(_)) && !Self::is_busy(error)
        }

        /// What suits this database.
        fn choose<T>(sqlite: T, postgres: T) -> T;

        /// Begins a transaction of this crate that is going to write: in SQLite it is the one writer from its beginning,
        /// because a reader that wants to write beside another one fails. Elsewhere it waits for others no longer than the
        /// patience lasts, and is over when nothing is heard of it for so long.
        fn begin(
            connection: &mut Self::Connection,
            patience: Duration,
        ) -> impl Future<Output = sqlx::Result<Transaction<'_, Self>>> + Send;

        /// Begins a transaction for a service's own code, isolated as the service has its connections.
        fn begin_for_service(
            pool: &Pool<Self>,
            patience: Duration,
        ) -> impl Future<Output = sqlx::Result<Transaction<'static, Self>>> + Send;

        /// Lets one transaction at a time go on from here, of those that name the same lock.
        fn lock(
            connection: &mut Self::Connection,
            lock: i64,
        ) -> impl Future<Output = sqlx::Result<()>> + Send;

        /// Runs statements without arguments, separated by semicolons.
        fn script(
            connection: &mut Self::Connection,
            sql: &'static str,
        ) -> impl Future<Output = sqlx::Result<()>> + Send;

        /// How many rows a statement has changed.
        fn execute(
            connection: &mut Self::Connection,
            sql: &'static str,
            values: &[Value<'_>],
        ) -> impl Future<Output = sqlx::Result<u64>> + Send;

        /// The first row that a query finds: one number.
        fn number(
            connection: &mut Self::Connection,
            sql: &'static str,
            values: &[Value<'_>],
        ) -> impl Future<Output = sqlx::Result<Option<i64>>> + Send;

        /// The rows that a query finds, each read in this way.
        fn rows<T: Send>(
            connection: &mut Self::Connection,
            sql: &'static str,
            values: &[Value<'_>],
            read: fn(&dyn Columns) -> sqlx::Result<T>,
        ) -> impl Future<Output = sqlx::Result<Vec<T>>> + Send;

        /// Begins to listen to a channel. A database without channels never tells anything.
        fn listen(
            pool: &Pool<Self>,
            channel: &'static str,
        ) -> impl Future<Output = sqlx::Result<Self::Listener>> + Send;

        /// Returns once somebody has notified the channel, or may have.
        fn heard(listener: &mut Self::Listener) -> impl Future<Output = sqlx::Result<()>> + Send;
    }
}

/// The statements of one database, which its own types are needed for.
macro_rules! statements {
    () => {
        async fn script(connection: &mut Self::Connection, sql: &'static str) -> sqlx::Result<()> {
            sqlx::raw_sql(sql).execute(connection).await.map(drop)
        }

        async fn execute(
            connection: &mut Self::Connection,
            sql: &'static str,
            values: &[$crate::state::sql::Value<'_>],
        ) -> sqlx::Result<u64> {
            let mut query = sqlx::query::<Self>(sql);
            $crate::state::sql::bind!(query, values);
            query.execute(connection).await.map(|done| done.rows_affected())
        }

        async fn number(
            connection: &mut Self::Connection,
            sql: &'static str,
            values: &[$crate::state::sql::Value<'_>],
        ) -> sqlx::Result<Option<i64>> {
            let mut query = sqlx::query_scalar::<Self, i64>(sql);
            $crate::state::sql::bind!(query, values);
            query.fetch_optional(connection).await
        }

        async fn rows<T: Send>(
            connection: &mut Self::Connection,
            sql: &'static str,
            values: &[$crate::state::sql::Value<'_>],
            read: fn(&dyn $crate::state::sql::Columns) -> sqlx::Result<T>,
        ) -> sqlx::Result<Vec<T>> {
            let mut query = sqlx::query::<Self>(sql);
            $crate::state::sql::bind!(query, values);
            let rows = query.fetch_all(connection).await?;
            rows.iter().map(|row| read(row)).collect()
        }
    };
}
use statements;

/// Gives a query its values.
macro_rules! bind {
    ($query:ident, $values:expr) => {
        for value in $values {
            $query = match *value {
                $crate::state::sql::Value::Text(text) => $query.bind(text.to_owned()),
                $crate::state::sql::Value::Perhaps(text) => $query.bind(text.map(str::to_owned)),
                $crate::state::sql::Value::Number(number) => $query.bind(number),
                $crate::state::sql::Value::Bytes(bytes) => $query.bind(bytes.to_vec()),
            };
        }
    };
}
use bind;

/// Reads the columns of one database's rows.
macro_rules! columns {
    ($row:ty) => {
        impl $crate::state::sql::Columns for $row {
            fn text(&self, column: usize) -> sqlx::Result<String> {
                sqlx::Row::try_get(self, column)
            }

            fn perhaps_text(&self, column: usize) -> sqlx::Result<Option<String>> {
                sqlx::Row::try_get(self, column)
            }

            fn number(&self, column: usize) -> sqlx::Result<i64> {
                sqlx::Row::try_get(self, column)
            }

            fn perhaps_number(&self, column: usize) -> sqlx::Result<Option<i64>> {
                sqlx::Row::try_get(self, column)
            }

            fn bytes(&self, column: usize) -> sqlx::Result<Vec<u8>> {
                sqlx::Row::try_get(self, column)
            }
        }
    };
}
use columns;

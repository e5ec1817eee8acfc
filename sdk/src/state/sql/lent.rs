use std::io;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Pool};
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::Dialect;

/// How long a connection may take to show that it still works.
const ANSWERING: Duration = Duration::from_secs(5);

/// A connection of a pool, for one question.
///
/// Whoever stops waiting for an answer drops it in the middle. Then it is closed unless the database answers on it soon: a pool
/// would wait for that for as long as the network does.
pub(crate) struct Lent<DB: Dialect> {
    /// There until it is dropped.
    connection: Option<PoolConnection<DB>>,
    answered: bool,
}

impl<DB: Dialect> Lent<DB> {
    /// A pool asks a connection that was idle whether it works, and waits for that: one that is dead without a word is given up
    /// for another.
    pub(crate) async fn of(pool: &Pool<DB>) -> sqlx::Result<Self> {
        let begun = Instant::now();
        loop {
            let acquired = tokio::time::timeout(ANSWERING, pool.acquire()).await;
            match acquired {
                Ok(acquired) => return Ok(Self { connection: Some(acquired?), answered: false }),
                Err(_) if begun.elapsed() < pool.options().get_acquire_timeout() => {}
                Err(_) => return Err(sqlx::Error::PoolTimedOut),
            }
        }
    }

    /// The question was answered, in whatever way.
    pub(crate) fn give_back(mut self) {
        self.answered = true;
    }
}

impl<DB: Dialect> Deref for Lent<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        match &self.connection {
            Some(connection) => connection,
            None => unreachable!("it is there until it is dropped"),
        }
    }
}

impl<DB: Dialect> DerefMut for Lent<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        match &mut self.connection {
            Some(connection) => connection,
            None => unreachable!("it is there until it is dropped"),
        }
    }
}

impl<DB: Dialect> Drop for Lent<DB> {
    fn drop(&mut self) {
        // SQLite is in this process, and a connection may be all that there is of the database.
        let may_be_silent = DB::choose(false, true) && !self.answered;
        let (true, Some(mut connection)) = (may_be_silent, self.connection.take()) else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            if tokio::time::timeout(ANSWERING, connection.ping()).await.is_err() {
                connection.close_on_drop();
            }
        });
    }
}

/// Gives a question up that is not answered for so long. Whether it was done is not known then.
pub(crate) async fn within<T>(
    patience: Duration,
    asking: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    let silent = || {
        let words = format!("it has said nothing for {patience:?}");
        sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, words))
    };
    tokio::time::timeout(patience, asking).await.unwrap_or_else(|_| Err(silent()))
}

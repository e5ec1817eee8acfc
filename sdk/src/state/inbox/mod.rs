//! That a handler's effect happens once, whatever comes twice.
//!
//! `mark` says what is to happen once, `claim` is leave to do it. `memory`, `kv`, `redis` and `sql` keep both; `wait` is how they
//! ask again while somebody else is at it.

mod claim;
mod error;
mod kv;
mod mark;
mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
mod wait;

use std::num::NonZeroUsize;
use std::sync::Arc;

pub(crate) use claim::Claim;
pub use error::InboxError;
pub(crate) use mark::{Mark, Terms};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use sql::Tx;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) use sql::held;

use self::claim::Kind;
use self::memory::Memory;
use crate::handler::{Needs, States};
use crate::kv::Bucket;

/// What knows which events were handled, so that a handler's effect happens once although deliveries come again.
///
/// It is given to a [run](crate::Run::inbox), and is asked about the events of each subscription that the catalog calls
/// `idempotent`, and of each handler that says so by itself. An event that was handled is acknowledged without a call; one that
/// somebody else handles is waited for; one that fails leaves no mark.
///
/// | | where the marks are | an effect is repeated |
/// |---|---|---|
/// | [`sqlite`](Self::sqlite), [`postgres`](Self::postgres) | in the service's database; in the [handler's own transaction](Tx) where it takes it | never, for what is done in that transaction |
/// | the same, without the transaction | beside the effect | where the process dies between the effect and its mark |
/// | [`kv`](Self::kv), [`redis`](Self::redis) | beside the effect, for effects that are elsewhere | the same |
/// | [`memory`](Self::memory) | in this process | where the process ends, and in every other instance |
///
/// Cheap to clone.
///
/// ```
/// use std::time::Duration;
///
/// use event_catalog::user::UserCreated;
/// use event_catalog::user_profile::welcome_mail;
/// use tidings::kv::BucketConfig;
/// use tidings::{Handled, Inbox, Subscription as _, Tidings, event_handler};
///
/// #[event_handler(idempotent = true)]
/// async fn welcome(user: UserCreated) -> Handled {
///     println!("one mail to {}", user.user_id);
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// let marks = BucketConfig::new("user_profile_inbox").max_age(Duration::from_secs(14 * 24 * 3600));
/// let inbox = Inbox::kv(bus.ensure_bucket(&marks).await?);
/// let subscriber = welcome_mail::Handlers { user_created: welcome }.subscriber();
/// let run = bus.run(subscriber).inbox(inbox);
/// # run.until(bus.idle(welcome_mail::Subscription::SPEC)).await?;
/// # Ok(())
/// # }
/// ```
///
/// In the other places:
///
/// ```no_run
/// use std::num::NonZeroUsize;
///
/// use tidings::Inbox;
///
/// # #[cfg(all(feature = "redis", feature = "sqlite", feature = "postgres"))]
/// # async fn example(
/// #     lite: sqlx::SqlitePool,
/// #     postgres: sqlx::PgPool,
/// #     redis: redis::aio::ConnectionManager,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let inbox = Inbox::postgres(postgres);
/// inbox.migrate().await?; // at every start of every instance; it may share a database with the outbox
/// let inbox = Inbox::sqlite(lite);
/// inbox.migrate().await?;
/// let inbox = Inbox::redis(redis, "user_profile:");
/// let inbox = Inbox::memory(NonZeroUsize::new(100_000).expect("not zero"));
/// # let _ = inbox;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Inbox(Backend);

#[derive(Clone, Debug)]
enum Backend {
    Memory(Arc<Memory>),
    Kv(Bucket),
    #[cfg(feature = "redis")]
    Redis(redis::Redis),
    #[cfg(feature = "sqlite")]
    Sqlite(Arc<sql::Sql<sqlx::Sqlite>>),
    #[cfg(feature = "postgres")]
    Postgres(Arc<sql::Sql<sqlx::Postgres>>),
}

impl Inbox {
    /// In this process, for so many events; beyond them the oldest are forgotten. For tests, and for services of one instance
    /// that only want to be spared second copies.
    pub fn memory(capacity: NonZeroUsize) -> Self {
        Self(Backend::Memory(Arc::new(Memory::new(capacity))))
    }

    /// In a bucket of the broker, which is to forget its values no sooner than an event can come again:
    /// [`BucketConfig::max_age`](crate::kv::BucketConfig::max_age).
    pub fn kv(bucket: Bucket) -> Self {
        Self(Backend::Kv(bucket))
    }

    /// In Redis, in keys that begin with this prefix.
    #[cfg(feature = "redis")]
    pub fn redis(connection: ::redis::aio::ConnectionManager, prefix: impl Into<String>) -> Self {
        Self(Backend::Redis(redis::Redis::new(connection, prefix.into())))
    }

    /// In a table of this SQLite database.
    ///
    /// SQLite has one writer at a time. A handler that has its transaction is the one until it ends: what it writes through
    /// other connections waits for itself.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(pool: sqlx::Pool<sqlx::Sqlite>) -> Self {
        Self(Backend::Sqlite(Arc::new(sql::Sql::new(pool))))
    }

    /// In a table of this PostgreSQL database.
    ///
    /// Each handler that takes its transaction has a connection of the pool until it ends. What it asks through the pool
    /// itself takes a second one: the pool needs more connections than there are handlers at work.
    #[cfg(feature = "postgres")]
    pub fn postgres(pool: sqlx::Pool<sqlx::Postgres>) -> Self {
        Self(Backend::Postgres(Arc::new(sql::Sql::new(pool))))
    }

    /// Creates its tables, or brings them to the newest version. Safe to call from every instance at every start; nothing
    /// happens where there are no tables to create.
    ///
    /// # Errors
    /// The database refuses, or cannot be reached.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub async fn migrate(&self) -> Result<(), crate::MigrateError> {
        match &self.0 {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(sql) => sql.migrate().await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(sql) => sql.migrate().await,
            _ => Ok(()),
        }
    }

    /// Whether it can be used.
    pub(crate) async fn check(&self) -> Result<(), InboxError> {
        match &self.0 {
            Backend::Memory(_) => Ok(()),
            Backend::Kv(bucket) => Ok(bucket.get("-").await.map(drop)?),
            #[cfg(feature = "redis")]
            Backend::Redis(redis) => redis.check().await,
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(sql) => sql.check().await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(sql) => sql.check().await,
        }
    }

    /// Says among the states which transactions it has.
    pub(crate) fn provide(&self, states: &mut States) {
        match &self.0 {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(_) => states.insert(sql::Provided::<sqlx::Sqlite>::new()),
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => states.insert(sql::Provided::<sqlx::Postgres>::new()),
            _ => _ = states,
        }
    }

    /// Leave to handle an event; none where it was handled. Waits while somebody else handles it, and may be given up then.
    pub(crate) async fn enter(
        &self,
        mark: &Mark,
        terms: Terms,
        needs: &Needs,
    ) -> Result<Option<Claim>, InboxError> {
        // Each delivery's future has room for the largest of these: those that ask a server are in boxes.
        let kind = match &self.0 {
            Backend::Memory(memory) => memory.enter(mark).await.map(Kind::Memory),
            Backend::Kv(bucket) => Box::pin(kv::enter(bucket, mark, &terms)).await?.map(Kind::Kv),
            #[cfg(feature = "redis")]
            Backend::Redis(redis) => Box::pin(redis.enter(mark, &terms)).await?.map(Kind::Redis),
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(sql) => {
                let entered = sql.enter(mark, &terms, needs.transaction.is_some()).await;
                entered?.map(Kind::Sqlite)
            }
            #[cfg(feature = "postgres")]
            Backend::Postgres(sql) => {
                let entered = sql.enter(mark, &terms, needs.transaction.is_some()).await;
                entered?.map(Kind::Postgres)
            }
        };
        let _ = needs;
        Ok(kind.map(|kind| Claim { kind, terms }))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A delivery's future contains these, and is moved more than once before it first waits.
    #[tokio::test]
    async fn futures_of_an_inbox_are_small_whichever_it_is() {
        let inbox = Inbox::memory(NonZeroUsize::MIN);
        let [source, event] = ["orders", "7"].map(str::to_owned);
        let mark = Mark { subscription: "billing", source, event };
        let lease = Duration::from_secs(30);
        let terms = Terms { lease, retention: None, patience: lease };
        let entering = inbox.enter(&mark, terms, &Needs::ONCE);
        let size = size_of_val(&entering);
        assert!(size < 1024, "{size} bytes to enter");
        let claim = entering.await.expect("it answers").expect("nobody has it");
        let size = size_of_val(&claim.renewed());
        assert!(size < 2048, "{size} bytes to go on");
        let size = size_of_val(&claim.done());
        assert!(size < 1536, "{size} bytes to be done");
    }
}

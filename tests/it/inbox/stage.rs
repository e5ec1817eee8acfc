//! A broker, and an inbox of each kind.

use std::any::Any;
use std::num::NonZeroUsize;
use std::time::Duration;

use redis::aio::ConnectionManager;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tempfile::TempDir;
use tidings::catalog::SubscriptionSpec;
use tidings::kv::{Bucket, BucketConfig};
use tidings::testing::{self, Faults, NatsServer};
use tidings::{Inbox, Tidings};
use tidings_tests::database::{Postgres, Redis};

use crate::fixture::catalog::CATALOG;
use crate::fixture::{booth, paid, until};
use crate::server;

const BUCKET: &str = "inbox";

/// A catalog at work, and where the marks are.
pub(super) struct Stage {
    pub(super) bus: Tidings,
    /// Of the broker, where it is the embedded one.
    pub(super) faults: Option<Faults>,
    pub(super) inbox: Inbox,
    /// That of a second instance.
    pub(super) other: Inbox,
    /// Whether the marks are in a bucket.
    kv: bool,
    /// What must live as long.
    _servers: Box<dyn Any + Send>,
}

impl Stage {
    async fn embedded<I>(servers: I, inboxes: impl AsyncFnOnce(&Tidings, &I) -> [Inbox; 2]) -> Self
    where
        I: Send + 'static,
    {
        let (bus, faults) = testing::embedded();
        bus.ensure(&CATALOG).await.expect("the catalog fits");
        let [inbox, other] = inboxes(&bus, &servers).await;
        let _servers = Box::new(servers);
        Self { bus, faults: Some(faults), inbox, other, kv: false, _servers }
    }

    pub(super) async fn memory() -> Self {
        let inbox = Inbox::memory(NonZeroUsize::new(1000).expect("some"));
        Self::embedded((), async |_, ()| [inbox.clone(), inbox]).await
    }

    pub(super) async fn kv() -> Self {
        let stage = Self::embedded((), async |bus, ()| {
            let bucket = bucket(bus).await;
            [Inbox::kv(bucket.clone()), Inbox::kv(bucket)]
        });
        Self { kv: true, ..stage.await }
    }

    pub(super) async fn kv_on_a_server() -> Self {
        let server = NatsServer::start().await.expect("a server");
        let bus = server::connect(&server).await;
        let other = server::connect(&server).await;
        let inbox = Inbox::kv(bucket(&bus).await);
        let other = Inbox::kv(bucket(&other).await);
        Self { bus, faults: None, inbox, other, kv: true, _servers: Box::new(server) }
    }

    pub(super) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::embedded(folder, async |_, folder| {
            [migrated(Inbox::sqlite(sqlite(folder))).await, Inbox::sqlite(sqlite(folder))]
        })
        .await
    }

    pub(super) async fn postgres() -> Self {
        let server = Postgres::start().await.expect("a server");
        Self::embedded(server, async |_, server| {
            [migrated(Inbox::postgres(postgres(server))).await, Inbox::postgres(postgres(server))]
        })
        .await
    }

    pub(super) async fn redis() -> Self {
        let server = Redis::start().await.expect("a server");
        Self::embedded(server, async |_, server| {
            let client = redis::Client::open(server.url()).expect("an address");
            let connect = async || ConnectionManager::new(client.clone()).await.expect("connected");
            [Inbox::redis(connect().await, "shop"), Inbox::redis(connect().await, "shop")]
        })
        .await
    }

    /// Has the marks in a bucket that forgets what is older, where they are in one. Elsewhere they have their own time.
    pub(super) async fn forget_after(&mut self, age: Duration) {
        if !self.kv {
            return;
        }
        let config = BucketConfig::new("forgetful").max_age(age);
        let bucket = self.bus.ensure_bucket(&config).await.expect("a bucket");
        (self.inbox, self.other) = (Inbox::kv(bucket.clone()), Inbox::kv(bucket));
    }

    /// Publishes an event with this id, although the stream may have had it before.
    pub(super) async fn publish(&self, id: &str) {
        self.publish_all(&[id.to_owned()]).await;
    }

    /// Publishes an event with each of these ids.
    pub(super) async fn publish_all(&self, ids: &[String]) {
        // Longer than the stream remembers ids.
        tokio::time::sleep(Duration::from_millis(150)).await;
        for id in ids {
            let event = paid(id, 250);
            let published = booth(&self.bus).toll_paid(event).id(id.as_str()).await;
            assert!(!published.expect("stored").duplicate, "the stream has forgotten it");
        }
    }

    /// Waits until nothing is left for a subscription.
    pub(super) async fn settled(&self, subscription: &SubscriptionSpec) {
        until("everything is settled", async || {
            let lag = self.bus.lag(subscription).await.expect("a consumer");
            (lag.pending, lag.unsettled) == (0, 0)
        })
        .await;
    }
}

pub(super) async fn migrated(inbox: Inbox) -> Inbox {
    inbox.migrate().await.expect("migrated");
    inbox
}

async fn bucket(bus: &Tidings) -> Bucket {
    bus.ensure_bucket(&BucketConfig::new(BUCKET)).await.expect("a bucket")
}

/// A database file, as a service would open it.
pub(super) fn sqlite(folder: &TempDir) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("service.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    SqlitePoolOptions::new().max_connections(8).connect_lazy_with(options)
}

pub(super) fn postgres(server: &Postgres) -> PgPool {
    let options = PgPoolOptions::new().max_connections(16);
    options.connect_lazy(&server.url()).expect("an address")
}

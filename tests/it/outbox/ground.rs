//! A database with an outbox, and a broker.

use std::any::Any;
use std::time::Duration;

use sqlx::postgres::PgPoolOptions;
use sqlx::{Pool, Postgres, Sqlite};
use tempfile::TempDir;
use tidings::outbox::{Outbox, OutboxError, Relay, RelayReport};
use tidings::testing::{Faults, NatsServer};
use tidings::{Dialect, Subscription as _, Tidings};
use tidings_tests::database;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{PATIENCE, Seen, Tracker, until};

pub(super) struct Ground<DB: Dialect> {
    // Connections end before what they lead to.
    pub(super) outbox: Outbox<DB>,
    pub(super) pool: Pool<DB>,
    pub(super) bus: Tidings,
    pub(super) broker: Broker,
    _database: Database,
}

/// What can be done to the broker.
pub(super) enum Broker {
    Embedded(Faults),
    Server(Box<NatsServer>),
}

enum Database {
    Sqlite { _folder: TempDir },
    Postgres { _server: database::Postgres },
}

impl Ground<Sqlite> {
    pub(super) async fn sqlite_embedded() -> Self {
        let (bus, broker) = embedded().await;
        Self::sqlite(bus, broker).await
    }

    pub(super) async fn sqlite_server() -> Self {
        let (bus, broker) = server().await;
        Self::sqlite(bus, broker).await
    }

    async fn sqlite(bus: Tidings, broker: Broker) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::file(folder.path().join("new/outbox.db")).await.expect("a file");
        let pool = outbox.pool().clone();
        Self { outbox, pool, bus, broker, _database: Database::Sqlite { _folder: folder } }
    }
}

impl Ground<Postgres> {
    pub(super) async fn postgres_server() -> Self {
        let server = database::Postgres::start().await.expect("a server");
        let pool = PgPoolOptions::new().max_connections(8).connect(&server.url()).await;
        let pool = pool.expect("connected");
        let outbox = Outbox::new(pool.clone());
        outbox.migrate().await.expect("migrated");
        let (bus, broker) = self::server().await;
        Self { outbox, pool, bus, broker, _database: Database::Postgres { _server: server } }
    }
}

async fn embedded() -> (Tidings, Broker) {
    let (bus, faults) = tidings::testing::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    (bus, Broker::Embedded(faults))
}

async fn server() -> (Tidings, Broker) {
    let server = NatsServer::start().await.expect("a server");
    let bus = crate::server::connect(&server).await;
    (bus, Broker::Server(Box::new(server)))
}

impl Broker {
    /// Nobody reaches it.
    pub(super) fn leave(&mut self) {
        match self {
            Self::Embedded(faults) => faults.disconnect(),
            Self::Server(server) => server.kill().expect("killed"),
        }
    }

    /// It is back, with all that it had.
    pub(super) async fn come_back(&mut self) {
        match self {
            Self::Embedded(faults) => faults.reconnect(),
            Self::Server(server) => server.restart().await.expect("restarted"),
        }
    }
}

impl<DB: Dialect> Ground<DB> {
    /// Does something to the tables that no service does.
    pub(super) async fn execute(&self, sql: &'static str) {
        let pool: &dyn Any = &self.pool;
        let done =
            match (pool.downcast_ref::<Pool<Sqlite>>(), pool.downcast_ref::<Pool<Postgres>>()) {
                (Some(sqlite), _) => sqlx::raw_sql(sql).execute(sqlite).await.map(drop),
                (_, Some(postgres)) => sqlx::raw_sql(sql).execute(postgres).await.map(drop),
                _ => unreachable!("there are two databases"),
            };
        done.expect("done");
    }

    /// A number that no service asks for.
    pub(super) async fn number(&self, sql: &'static str) -> i64 {
        let pool: &dyn Any = &self.pool;
        let number =
            match (pool.downcast_ref::<Pool<Sqlite>>(), pool.downcast_ref::<Pool<Postgres>>()) {
                (Some(sqlite), _) => sqlx::query_scalar(sql).fetch_one(sqlite).await,
                (_, Some(postgres)) => sqlx::query_scalar(sql).fetch_one(postgres).await,
                _ => unreachable!("there are two databases"),
            };
        number.expect("a number")
    }

    /// Waits until nothing waits in the outbox.
    pub(super) async fn drained(&self) {
        until("the outbox is empty", async || {
            self.outbox.lag().await.expect("readable").waiting == 0
        })
        .await;
    }
}

/// A relay in the background.
pub(super) struct Relaying {
    end: oneshot::Sender<()>,
    task: JoinHandle<Result<RelayReport, OutboxError>>,
}

impl Relaying {
    pub(super) fn start<DB: Dialect>(relay: Relay<DB>) -> Self {
        let (end, ended) = oneshot::channel();
        Self { end, task: tokio::spawn(relay.until(ended)) }
    }

    pub(super) async fn stop(self) -> RelayReport {
        let Self { end, task } = self;
        let _ = end.send(());
        let ended = tokio::time::timeout(PATIENCE, task).await;
        ended.expect("the relay ends").expect("no panic").expect("ends well")
    }

    /// Its process dies.
    pub(super) async fn die(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

/// All parcels in the stream, in its order.
pub(super) async fn stored(bus: &Tidings) -> Vec<Seen> {
    let (tracker, mut sightings) = Tracker::content();
    let replay = bus.replay(tracking::journey::Subscription::SPEC);
    replay.to(tracking::Journey::subscriber(tracker)).await.expect("replayed");
    std::iter::from_fn(|| sightings.try_recv().ok()).collect()
}

/// Longer than a test takes.
pub(super) const NEVER: Duration = Duration::from_secs(3600);

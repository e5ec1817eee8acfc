//! What it costs to ask an inbox about each event: the handler does nothing, so that the inbox is all there is.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, Postgres as Pg, Sqlite};
use tempfile::TempDir;
use tidings::__private::SubscriberBuilder;
use tidings::catalog::{Catalog, Subscription, SubscriptionSpec};
use tidings::{Event as _, Handled, Inbox, Subscriber, Tx, event_handler};
use tidings_tests::catalog::parcels::ParcelSent;
use tidings_tests::catalog::tracking;
use tidings_tests::database::Postgres;
use tokio::sync::Notify;

use crate::Outcome;
use crate::measure::{Case, Plan, Sample, in_turns, on_runtime};
use crate::publish;
use crate::stage::{Stage, topology};

const DURABLE: &str = "tracking-once";

#[derive(Clone, Copy)]
enum Program {
    None,
    Memory,
    Sqlite,
    SqliteTransaction,
    Postgres,
    PostgresTransaction,
}

/// 64 at once, each event new to the inbox.
pub(crate) async fn asked(stage: &Stage, plan: &Plan) -> Outcome<Case> {
    let events = plan.streamed;
    stage.clear().await?;
    publish::enqueued(&stage.bus, &stage.meter, events).await?;
    stage.holds(events).await?;
    let databases = Databases::open().await?;
    let programs = [
        ("no inbox", Program::None),
        ("memory", Program::Memory),
        ("SQLite", Program::Sqlite),
        ("SQLite, handler's transaction", Program::SqliteTransaction),
        ("PostgreSQL", Program::Postgres),
        ("PostgreSQL, handler's transaction", Program::PostgresTransaction),
    ];
    in_turns("handle once, 64 at once", plan, &programs, async |program| {
        let _ = stage.stream().await?.delete_consumer(DURABLE).await;
        stage.bus.ensure(&TOPOLOGY).await?;
        databases.clear().await?;
        let countdown = Countdown::new(events);
        let (sqlite, postgres) = (&databases.sqlite, &databases.postgres);
        let (inbox, subscriber) = match program {
            Program::None => (None, countdown.subscriber::<Often>()),
            Program::Memory => {
                let capacity = NonZeroUsize::new(events).ok_or("no events")?;
                (Some(Inbox::memory(capacity)), countdown.subscriber::<Once>())
            }
            Program::Sqlite => {
                (Some(Inbox::sqlite(sqlite.clone())), countdown.subscriber::<Once>())
            }
            Program::SqliteTransaction => {
                (Some(Inbox::sqlite(sqlite.clone())), booking::<Sqlite>(&countdown))
            }
            Program::Postgres => {
                (Some(Inbox::postgres(postgres.clone())), countdown.subscriber::<Once>())
            }
            Program::PostgresTransaction => {
                (Some(Inbox::postgres(postgres.clone())), booking::<Pg>(&countdown))
            }
        };
        handled(stage, events, countdown, inbox, subscriber).await
    })
    .await
}

async fn handled(
    stage: &Stage,
    events: usize,
    countdown: Countdown,
    inbox: Option<Inbox>,
    subscriber: Subscriber,
) -> Outcome<Sample> {
    let over = Arc::clone(&countdown.over);
    let mut run = stage.bus.run(subscriber).state(countdown);
    if let Some(inbox) = inbox {
        run = run.inbox(inbox);
    }
    let meter = stage.meter.clone();
    on_runtime(async move {
        let started = meter.start();
        let report = run.until(over.notified()).await?;
        let sample = started.stop(events);
        if report.handled == events as u64 && report.is_clean() {
            Ok(sample)
        } else {
            Err(format!("{events} events should have been handled: {report:?}").into())
        }
    })
    .await
}

/// A handler that does nothing, and tells when it has done so for every event.
#[derive(Clone)]
struct Countdown {
    left: Arc<AtomicUsize>,
    over: Arc<Notify>,
}

impl Countdown {
    fn new(events: usize) -> Self {
        Self { left: Arc::new(AtomicUsize::new(events)), over: Arc::new(Notify::new()) }
    }

    fn one(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.over.notify_one();
        }
    }

    fn subscriber<S: Subscription<Service = tracking::Service>>(&self) -> Subscriber {
        SubscriberBuilder::<S, Self>::new(self.clone())
            .on::<ParcelSent>(|countdown, _, _| {
                countdown.one();
                Box::pin(async { Ok(()) })
            })
            .build()
    }
}

/// The handler that takes its transaction.
trait Booking: Sized {
    fn subscriber() -> Subscriber;
}

fn booking<DB: Booking>(_: &Countdown) -> Subscriber {
    DB::subscriber()
}

macro_rules! book_in {
    ($name:ident, $database:ty) => {
        #[event_handler]
        async fn $name(
            _parcel: ParcelSent,
            _tx: Tx<$database>,
            tidings::State(countdown): tidings::State<Countdown>,
        ) -> Handled {
            countdown.one();
            Ok(())
        }

        impl Booking for $database {
            fn subscriber() -> Subscriber {
                SubscriberBuilder::<Once, $name>::new($name)
                    .on_fn::<_, ParcelSent>(|handler| handler)
                    .build()
            }
        }
    };
}

book_in!(book_in_sqlite, Sqlite);
book_in!(book_in_postgres, Pg);

/// A subscription of the fixture catalog that is handled once.
enum Once {}
/// The same, without a promise.
enum Often {}

impl Subscription for Once {
    type Service = tracking::Service;

    const SPEC: &'static SubscriptionSpec = &SubscriptionSpec {
        idempotent: true,
        inbox_retention: Some(Duration::from_secs(3600)),
        ..*Often::SPEC
    };
}

impl Subscription for Often {
    type Service = tracking::Service;

    const SPEC: &'static SubscriptionSpec = &SubscriptionSpec {
        name: "once",
        durable: DURABLE,
        filters: &[ParcelSent::SPEC.filter],
        concurrency: 64,
        max_ack_pending: 4000,
        ..*tracking::journey::Subscription::SPEC
    };
}

const ALONE: &[&SubscriptionSpec] = &[Once::SPEC];
const TOPOLOGY: Catalog = topology(ALONE);

/// One of each, which ends with it.
struct Databases {
    sqlite: sqlx::SqlitePool,
    postgres: PgPool,
    _server: Postgres,
    _folder: TempDir,
}

impl Databases {
    async fn open() -> Outcome<Self> {
        let (folder, server) = (tempfile::tempdir()?, Postgres::start().await?);
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("inbox.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal);
        let sqlite = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        let postgres = sqlx::postgres::PgPoolOptions::new().max_connections(40);
        let postgres = postgres.connect(&server.url()).await?;
        Inbox::sqlite(sqlite.clone()).migrate().await?;
        Inbox::postgres(postgres.clone()).migrate().await?;
        Ok(Self { sqlite, postgres, _server: server, _folder: folder })
    }

    async fn clear(&self) -> Outcome {
        let all = "DELETE FROM tidings_inbox";
        sqlx::query(all).execute(&self.sqlite).await?;
        sqlx::query(all).execute(&self.postgres).await?;
        Ok(())
    }
}

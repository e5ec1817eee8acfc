//! Marks in the handler's own transaction, and the effects beside them.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{PgPool, Pool, Postgres, Row as _, Sqlite, SqlitePool};
use tempfile::TempDir;
use tidings::testing::{self, Fault, Faults};
use tidings::{
    Dialect, Handled, Inbox, InboxError, Reject, State, Subscriber, Subscription as _, Tidings, Tx,
    event_handler,
};
use tidings_tests::database;
use tokio::sync::mpsc;

use super::stage;
use crate::fixture::catalog::{CATALOG, ledger, tolls};
use crate::fixture::{Running, booth, next, paid, until};

const SPEC: &tidings::catalog::SubscriptionSpec = ledger::open::Subscription::SPEC;

/// A database, and how its tests write in it.
trait Database: Dialect {
    type Server: Send;

    async fn start() -> (Self::Server, Pool<Self>, Pool<Self>);

    fn inbox(pool: Pool<Self>) -> Inbox;

    /// One effect, in the transaction.
    fn book(
        connection: &mut Self::Connection,
        toll: &str,
    ) -> impl Future<Output = sqlx::Result<()>> + Send;

    async fn run(pool: &Pool<Self>, sql: &'static str);

    async fn count(pool: &Pool<Self>, sql: &'static str) -> i64;

    /// A function that takes the transaction as an argument.
    fn function() -> Subscriber;
}

/// What is the same in both, apart from its types.
macro_rules! database {
    ($database:ident, $function:ident) => {
        async fn book(connection: &mut Self::Connection, toll: &str) -> sqlx::Result<()> {
            let insert = sqlx::query("INSERT INTO bookings (toll) VALUES ($1)");
            insert.bind(toll.to_owned()).execute(connection).await.map(drop)
        }

        async fn run(pool: &Pool<Self>, sql: &'static str) {
            sqlx::raw_sql(sql).execute(pool).await.expect("done");
        }

        async fn count(pool: &Pool<Self>, sql: &'static str) -> i64 {
            sqlx::query(sql).fetch_one(pool).await.expect("counted").get(0)
        }

        fn function() -> Subscriber {
            ledger::open::Handlers { toll_paid: $function }.subscriber()
        }
    };
}

impl Database for Sqlite {
    type Server = TempDir;

    async fn start() -> (TempDir, SqlitePool, SqlitePool) {
        let folder = tempfile::tempdir().expect("a folder");
        let pools = (stage::sqlite(&folder), stage::sqlite(&folder));
        (folder, pools.0, pools.1)
    }

    fn inbox(pool: SqlitePool) -> Inbox {
        Inbox::sqlite(pool)
    }

    database!(Sqlite, record_in_sqlite);
}

impl Database for Postgres {
    type Server = database::Postgres;

    async fn start() -> (database::Postgres, PgPool, PgPool) {
        let server = database::Postgres::start().await.expect("a server");
        let pools = (stage::postgres(&server), stage::postgres(&server));
        (server, pools.0, pools.1)
    }

    fn inbox(pool: PgPool) -> Inbox {
        Inbox::postgres(pool)
    }

    database!(Postgres, record_in_postgres);
}

/// What a handler is told to do when it has made its effect.
#[derive(Clone)]
pub(super) struct Script {
    called: mpsc::UnboundedSender<String>,
    then: Arc<dyn Fn(String) -> Answer + Send + Sync>,
}

type Answer = std::pin::Pin<Box<dyn Future<Output = Handled> + Send>>;

impl Script {
    fn new<A>(then: impl Fn(String) -> A + Send + Sync + 'static) -> (Self, Called)
    where
        A: Future<Output = Handled> + Send + 'static,
    {
        let (called, calls) = mpsc::unbounded_channel();
        (Self { called, then: Arc::new(move |toll| Box::pin(then(toll)) as Answer) }, calls)
    }

    async fn go_on(&self, toll: String) -> Handled {
        self.called.send(toll.clone())?;
        (self.then)(toll).await
    }
}

type Called = mpsc::UnboundedReceiver<String>;

/// A function that books the toll in its transaction.
macro_rules! record {
    ($name:ident, $database:ty) => {
        #[event_handler(ledger::open)]
        pub(super) async fn $name(
            toll: tolls::TollPaid,
            mut tx: Tx<$database>,
            State(script): State<Script>,
        ) -> Handled {
            <$database>::book(&mut tx, &toll.toll_id).await?;
            script.go_on(toll.toll_id).await
        }
    };
}

record!(record_in_sqlite, Sqlite);
record!(record_in_postgres, Postgres);

/// A handler that takes its transaction by itself, where it is told to.
struct Clerk<DB: Database> {
    script: Script,
    takes: bool,
    /// For what it keeps beyond its end.
    kept: Option<mpsc::UnboundedSender<Tx<DB>>>,
}

#[event_handler(idempotent = true)]
impl<DB: Database> ledger::Open for Clerk<DB> {
    async fn toll_paid(&self, toll: tolls::TollPaid, cx: &ledger::Context) -> Handled {
        if self.takes {
            let mut tx = cx.transaction::<DB>().await?;
            DB::book(&mut tx, &toll.toll_id).await?;
            let second = cx.transaction::<DB>().await;
            assert!(matches!(second, Err(InboxError::Taken)), "{second:?}");
            if let Some(kept) = &self.kept {
                kept.send(tx).map_err(|_| std::io::Error::other("nobody keeps it"))?;
            }
        }
        self.script.go_on(toll.toll_id).await
    }
}

/// A broker, and a service with its database.
struct Desk<DB: Database> {
    bus: Tidings,
    faults: Faults,
    pool: Pool<DB>,
    /// Of a second instance.
    other: Pool<DB>,
    _server: DB::Server,
}

impl<DB: Database> Desk<DB> {
    async fn open() -> Self {
        let (bus, faults) = testing::embedded();
        bus.ensure(&CATALOG).await.expect("the catalog fits");
        let (server, pool, other) = DB::start().await;
        stage::migrated(DB::inbox(pool.clone())).await;
        DB::run(&pool, "CREATE TABLE bookings (toll TEXT NOT NULL CHECK (toll <> 'refused'))")
            .await;
        Self { bus, faults, pool, other, _server: server }
    }

    fn run(&self, subscriber: Subscriber, pool: &Pool<DB>, script: &Script) -> Running {
        let run = self.bus.run(subscriber).inbox(DB::inbox(pool.clone()));
        Running::start(run.state(script.clone()))
    }

    async fn publish(&self, id: &str) {
        tokio::time::sleep(Duration::from_millis(150)).await;
        booth(&self.bus).toll_paid(paid(id, 1)).id(id).await.expect("stored");
    }

    async fn settled(&self) {
        until("everything is settled", async || {
            let lag = self.bus.lag(SPEC).await.expect("a consumer");
            (lag.pending, lag.unsettled) == (0, 0)
        })
        .await;
    }

    async fn booked(&self) -> i64 {
        DB::count(&self.pool, "SELECT COUNT(*) FROM bookings").await
    }

    async fn marked(&self) -> i64 {
        DB::count(&self.pool, "SELECT COUNT(*) FROM tidings_inbox WHERE owner IS NULL").await
    }
}

/// Runs each test once in each database.
macro_rules! in_every_database {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(super::Desk::<sqlx::Sqlite>::open().await).await;
            })+
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(super::Desk::<sqlx::Postgres>::open().await).await;
            })+
        }
    };
}

in_every_database!(
    effect_and_mark_are_there_together_or_not_at_all,
    a_handler_that_takes_no_transaction_is_marked_afterwards,
    two_instances_in_one_database_book_once,
    what_a_handler_keeps_is_not_committed,
    what_postgres_gave_up_is_not_taken_for_done,
    marks_that_are_old_are_swept,
    a_failing_handler_waits_for_nothing,
    claims_outlive_the_handlers_that_write_before_them,
);

async fn effect_and_mark_are_there_together_or_not_at_all<DB: Database>(desk: Desk<DB>) {
    let clerk = |script: &Script| {
        ledger::Open::subscriber(Clerk::<DB> { script: script.clone(), takes: true, kept: None })
    };
    for by_argument in [true, false] {
        let (script, _calls) = Script::new(async |toll: String| match toll.as_str() {
            "rejected" => Err(Reject::because("no"))?,
            "panics" => panic!("no"),
            _ => Ok(()),
        });
        let subscriber = || if by_argument { DB::function() } else { clerk(&script) };
        let (booked, marked) = (desk.booked().await, desk.marked().await);
        desk.faults.inject(Fault::CrashBeforeAck);
        let crashing = desk.run(subscriber(), &desk.pool, &script);
        desk.publish(if by_argument { "one" } else { "other" }).await;
        crashing.failed().await;
        assert_eq!((desk.booked().await, desk.marked().await), (booked + 1, marked + 1));

        let run = desk.run(subscriber(), &desk.other, &script);
        for id in ["rejected", "panics"] {
            desk.publish(id).await;
        }
        desk.settled().await;
        let report = run.stop().await;
        assert_eq!((report.handled, report.repeated, report.dead_lettered), (0, 1, 2));
        assert_eq!((desk.booked().await, desk.marked().await), (booked + 1, marked + 1));
    }
}

async fn a_handler_that_takes_no_transaction_is_marked_afterwards<DB: Database>(desk: Desk<DB>) {
    let (script, mut calls) = Script::new(async |_| Ok(()));
    let clerk = Clerk::<DB> { script: script.clone(), takes: false, kept: None };
    let run = desk.run(ledger::Open::subscriber(clerk), &desk.pool, &script);
    for _ in 0..2 {
        desk.publish("t-1").await;
    }
    next(&mut calls).await;
    desk.settled().await;
    let report = run.stop().await;
    assert_eq!((report.handled, report.repeated, desk.marked().await), (1, 1, 1));
}

async fn two_instances_in_one_database_book_once<DB: Database>(desk: Desk<DB>) {
    let (script, _calls) = Script::new(async |_| {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(())
    });
    let one = desk.run(DB::function(), &desk.pool, &script);
    let other = desk.run(DB::function(), &desk.other, &script);
    let ids: Vec<String> = (0..10).map(|number| format!("t-{number}")).collect();
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        for id in &ids {
            booth(&desk.bus).toll_paid(paid(id, 1)).id(id).await.expect("stored");
        }
    }
    desk.settled().await;
    let (one, other) = (one.stop().await, other.stop().await);
    assert_eq!((desk.booked().await, desk.marked().await), (10, 10));
    assert_eq!((one.handled + other.handled, one.repeated + other.repeated), (10, 10));
    assert_eq!(one.retried + other.retried, 0);
}

async fn what_a_handler_keeps_is_not_committed<DB: Database>(desk: Desk<DB>) {
    let (script, mut calls) = Script::new(async |_| Ok(()));
    let (kept, mut keeps) = mpsc::unbounded_channel();
    let clerk =
        |kept| ledger::Open::subscriber(Clerk::<DB> { script: script.clone(), takes: true, kept });
    let run = desk.run(clerk(Some(kept)), &desk.pool, &script);
    desk.publish("t-1").await;
    next(&mut calls).await;
    let report = run.stop().await;
    assert_eq!((report.handled, report.retried), (0, 1));
    // Too late.
    drop(next(&mut keeps).await);

    let run = desk.run(clerk(None), &desk.other, &script);
    desk.settled().await;
    assert_eq!(run.stop().await.handled, 1);
    assert_eq!((desk.booked().await, desk.marked().await), (1, 1));
}

async fn what_postgres_gave_up_is_not_taken_for_done<DB: Database>(desk: Desk<DB>) {
    /// Takes no notice of what its statements come to.
    struct Careless<DB>(std::marker::PhantomData<fn() -> DB>);

    #[event_handler(idempotent = true)]
    impl<DB: Database> ledger::Open for Careless<DB> {
        async fn toll_paid(&self, toll: tolls::TollPaid, cx: &ledger::Context) -> Handled {
            let mut tx = cx.transaction::<DB>().await?;
            DB::book(&mut tx, &toll.toll_id).await?;
            let _ = DB::book(&mut tx, "refused").await;
            Ok(())
        }
    }

    let (script, _calls) = Script::new(async |_| Ok(()));
    let careless = Careless::<DB>(std::marker::PhantomData);
    let run = desk.run(ledger::Open::subscriber(careless), &desk.pool, &script);
    desk.publish("t-1").await;
    desk.settled().await;
    let report = run.stop().await;
    // SQLite goes on after such a statement, and what it did before is committed.
    let expected = DB::count(&desk.pool, "SELECT COUNT(*) FROM bookings").await;
    assert_eq!(report.handled, u64::try_from(expected).expect("a count"));
    assert_eq!(desk.marked().await, expected, "either both, or none");
    assert_eq!(report.handled + report.dead_lettered, 1);
}

async fn marks_that_are_old_are_swept<DB: Database>(desk: Desk<DB>) {
    let many = "INSERT INTO tidings_inbox (subscription, source, event, owner, expires)
        WITH RECURSIVE numbers (number) AS (
            SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 1000
        )
        SELECT 'ledger-open', '/fixture/booth', 'old-' || number, NULL, 0 FROM numbers";
    DB::run(&desk.pool, many).await;
    assert_eq!(desk.marked().await, 1000);
    let (script, mut calls) = Script::new(async |_| Ok(()));
    let run = desk.run(DB::function(), &desk.pool, &script);
    desk.publish("t-1").await;
    next(&mut calls).await;
    until("only the new one is left", async || desk.marked().await == 1).await;
    run.stop().await;
}

async fn a_failing_handler_waits_for_nothing<DB: Database>(desk: Desk<DB>) {
    let (script, _calls) = Script::new(async |_| Err(Reject::because("no"))?);
    let clerk = Clerk::<DB> { script: script.clone(), takes: true, kept: None };
    let run = desk.run(ledger::Open::subscriber(clerk), &desk.pool, &script);
    let begun = tokio::time::Instant::now();
    let ids: Vec<String> = (0..8).map(|number| format!("t-{number}")).collect();
    for id in &ids {
        desk.publish(id).await;
    }
    desk.settled().await;
    // A claim that waits for the transaction that it belongs to is given up after two seconds.
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert_eq!(run.stop().await.dead_lettered, 8);
}

/// The transactions of others take longer together than a claim lasts.
async fn claims_outlive_the_handlers_that_write_before_them<DB: Database>(desk: Desk<DB>) {
    let (script, _calls) = Script::new(async |_| {
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok(())
    });
    let inbox = DB::inbox(desk.pool.clone());
    let (tracker, calls) = super::marks::counting(async |_, _| Ok(()));
    let run = desk.bus.run(DB::function()).and(ledger::Entries::subscriber(tracker));
    let run = Running::start(run.inbox(inbox).state(script));
    let ids: Vec<String> = (0..8).map(|number| format!("t-{number}")).collect();
    tokio::time::sleep(Duration::from_millis(150)).await;
    for id in &ids {
        booth(&desk.bus).toll_paid(paid(id, 1)).id(id).await.expect("stored");
    }
    desk.settled().await;
    until("everything is settled", async || {
        let lag = desk.bus.lag(ledger::entries::Subscription::SPEC).await.expect("a consumer");
        (lag.pending, lag.unsettled) == (0, 0)
    })
    .await;
    let report = run.stop().await;
    assert_eq!((report.handled, report.retried), (16, 0), "{report:?}");
    assert!(ids.iter().all(|id| calls.of(id) == 1));
}

/// A service may have its own transactions isolated more than usual: then PostgreSQL refuses what it would have wait.
#[tokio::test(flavor = "multi_thread")]
async fn two_instances_book_once_in_serializable_transactions() {
    let desk = Desk::<Postgres>::open().await;
    let serializable = "ALTER DATABASE postgres SET default_transaction_isolation = 'serializable'";
    Postgres::run(&desk.pool, serializable).await;
    let (script, _calls) = Script::new(async |_| {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(())
    });
    // Connections that are made from now on.
    let url = desk._server.url();
    let pool = || sqlx::postgres::PgPoolOptions::new().connect_lazy(&url).expect("an address");
    let (one, other) = (pool(), pool());
    let migrated = [Inbox::postgres(one.clone()), Inbox::postgres(other.clone())];
    let (first, second) = tokio::join!(migrated[0].migrate(), migrated[1].migrate());
    first.and(second).expect("migrated");
    let one = desk.run(Postgres::function(), &one, &script);
    let other = desk.run(Postgres::function(), &other, &script);
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        for number in 0..10 {
            let id = format!("t-{number}");
            booth(&desk.bus).toll_paid(paid(&id, 1)).id(&id).await.expect("stored");
        }
    }
    desk.settled().await;
    let (one, other) = (one.stop().await, other.stop().await);
    assert_eq!((desk.booked().await, desk.marked().await), (10, 10));
    assert_eq!((one.handled + other.handled, one.repeated + other.repeated), (10, 10));
}

/// Both the mark of a transaction and a claim without one.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_when_its_connections_to_the_database_are_dead_without_a_word() {
    let server = database::Postgres::start().await.expect("a server");
    let wire = database::Wire::to(&server).await.expect("a wire");
    let (bus, _faults) = testing::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(4);
    let pool = pool.connect(&wire.url()).await.expect("connected");
    let inbox = stage::migrated(Inbox::postgres(pool)).await;
    let (tracker, calls) = super::marks::counting(async |_, _| Ok(()));
    // Its handlers may take 800 ms, so the database may take a few seconds.
    let run = Running::start(bus.run(ledger::Entries::subscriber(tracker)).inbox(inbox));
    let settled = async || {
        until("everything is settled", async || {
            let lag = bus.lag(ledger::entries::Subscription::SPEC).await.expect("a consumer");
            (lag.pending, lag.unsettled) == (0, 0)
        })
        .await;
    };
    booth(&bus).toll_paid(paid("t-1", 1)).id("t-1").await.expect("stored");
    settled().await;
    wire.cut();
    booth(&bus).toll_paid(paid("t-2", 1)).id("t-2").await.expect("stored");
    settled().await;
    assert_eq!((calls.of("t-1"), calls.of("t-2")), (1, 1));
    assert_eq!(run.stop().await.handled, 2);
}

//! What is told apart elsewhere, in one service: events out of an outbox, encrypted, compressed or put aside, that an
//! idempotent handler takes in its own transaction, and that aggregates are made of.

use std::num::NonZeroU64;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{Sqlite, SqlitePool};
use tempfile::TempDir;
use tidings::encryption::ERASED;
use tidings::kv::{Bucket, BucketConfig};
use tidings::outbox::Outbox;
use tidings::testing::NatsServer;
use tidings::{Handled, Inbox, Subscription as _, Tidings, Tx, event_handler};
use tokio::sync::oneshot;

use crate::conformance::aggregates::card::{nobody_can_append, too_old};
use crate::conformance::aggregates::locker::{
    LockerEvent, Lockers, RENTER, THINGS, Vault, janitor, opened, rented,
};
use crate::fixture::catalog::lockers::{LockerOpened, LockerRented};
use crate::fixture::catalog::{CATALOG, janitor as service};
use crate::fixture::{PATIENCE, Running, until};

const SPEC: &tidings::catalog::SubscriptionSpec = service::watch::Subscription::SPEC;
/// As it is, compressed, and beside the message.
const SIZES: [usize; 3] = [10, 8_000, 300_000];

/// Writes down who rents what, in the transaction of the inbox; fails behind it in each first attempt.
#[event_handler(service::watch)]
async fn rents(event: LockerRented, mut tx: Tx<Sqlite>, cx: service::Context) -> Handled {
    let things = event.things.unwrap_or_default();
    write(&mut tx, &event.locker_id, &event.renter, &things).await?;
    match cx.attempt() {
        1 => Err(std::io::Error::other(format!("behind {}", event.renter)))?,
        _ => Ok(()),
    }
}

#[event_handler(service::watch)]
async fn opens(event: LockerOpened, mut tx: Tx<Sqlite>) -> Handled {
    write(&mut tx, &event.locker_id, "nobody", "").await?;
    Ok(())
}

async fn write(tx: &mut Tx<Sqlite>, locker: &str, who: &str, things: &str) -> sqlx::Result<()> {
    let insert = sqlx::query("INSERT INTO seen (locker, who, things) VALUES ($1, $2, $3)");
    let insert = insert.bind(locker.to_owned()).bind(who.to_owned()).bind(things.to_owned());
    insert.execute(&mut **tx).await.map(drop)
}

type Row = (String, String, String);

async fn seen(pool: &SqlitePool) -> Vec<Row> {
    let select = "SELECT locker, who, things FROM seen ORDER BY locker, who";
    sqlx::query_as(select).fetch_all(pool).await.expect("readable")
}

#[tokio::test]
async fn all_of_it_works_together_on_the_embedded_broker() {
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    work(&bus).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_it_works_together_on_a_server() {
    let server = NatsServer::start().await.expect("a server");
    let bus = crate::server::connect(&server).await;
    work(&bus).await;
}

async fn work(bus: &Tidings) {
    let vault = Vault::of(bus);
    let folder = tempfile::tempdir().expect("a folder");
    let pool = database(&folder).await;
    let outbox = Outbox::file(folder.path().join("outbox.db")).await.expect("a file");
    let publisher = janitor(bus);
    for (locker, bytes) in SIZES.into_iter().enumerate() {
        let locker = format!("l-{locker}");
        outbox.store(publisher.locker_rented(rented(&locker, bytes))).await.expect("written");
        outbox.store(publisher.locker_opened(opened(&locker))).await.expect("written");
    }
    plain_nowhere(&std::fs::read(folder.path().join("outbox.db")).expect("readable"));

    // Relayed once, and handled once although each first attempt fails.
    let inbox = Inbox::sqlite(pool.clone());
    inbox.migrate().await.expect("migrated");
    let subscriber = service::watch::Handlers { locker_rented: rents, locker_opened: opens };
    let run = Running::start(bus.run(subscriber.subscriber()).inbox(inbox));
    let (end, ended) = oneshot::channel::<()>();
    let relay = tokio::spawn(outbox.relay(bus).until(ended));
    until("all are handled", async || seen(&pool).await.len() == 2 * SIZES.len()).await;
    bus.idle(SPEC).await.expect("idle");
    drop(end);
    let relayed = tokio::time::timeout(PATIENCE, relay).await.expect("it ends").expect("no panic");
    assert_eq!(relayed.expect("ends well").relayed, 2 * SIZES.len() as u64);
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (2 * SIZES.len() as u64, 0), "{report:?}");
    let expected: Vec<Row> = (0..SIZES.len())
        .flat_map(|number| {
            let locker = format!("l-{number}");
            let things = rented(&locker, SIZES[number]).things.expect("some");
            let who = RENTER.to_owned();
            [(locker.clone(), who, things), (locker, "nobody".to_owned(), String::new())]
        })
        .collect();
    assert!(seen(&pool).await == expected, "in the order of their names, each once");

    nothing_stored_is_plain(bus).await;
    aggregates(bus, &vault).await;
}

/// Where the payloads are that do not fit, and the stream, by way of a file.
async fn nothing_stored_is_plain(bus: &Tidings) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("stored");
    bus.replay(SPEC).to_file(&file).await.expect("written");
    let lines = std::fs::read(&file).expect("readable");
    assert!(lines.len() > 300_000, "with what was put aside");
    plain_nowhere(&lines);
    let objects = bus.objects("LOCKERS_EVENTS_payloads").expect("a name");
    let all = objects.list().await.expect("readable");
    assert_eq!(all.len(), 1, "the newer version of the largest: {all:?}");
    for object in all {
        let payload = objects.get(&object.name, 1 << 30).await.expect("readable").expect("there");
        plain_nowhere(&payload);
    }
}

/// Aggregates of what came out of the outbox, with snapshots, and what is left of them without keys.
async fn aggregates(bus: &Tidings, vault: &Vault) {
    if nobody_can_append(bus).await {
        return;
    }
    let bucket: Bucket = bus.ensure_bucket(&BucketConfig::new("lockers")).await.expect("a bucket");
    let two = NonZeroU64::new(2).expect("some");
    let lockers: Lockers = janitor(bus).aggregates().snapshots(bucket.clone(), two);
    for (number, bytes) in SIZES.into_iter().enumerate() {
        let id = format!("l-{number}");
        let mut locker = lockers.load(&id).await.expect("readable");
        assert_eq!((locker.version(), locker.opened), (2, 1), "{id}");
        let things = locker.things.as_deref().map(str::len);
        assert_eq!((locker.renter.as_deref(), things), (Some(RENTER), Some(bytes)), "{id}");
        let again = lockers.append(&mut locker, [LockerEvent::from(rented(&id, 2 * bytes))]).await;
        if too_old(&again) {
            return;
        }
        again.expect("appended");
        let key = format!("lockers.locker.locker.v1.{id}");
        until("a snapshot", async || bucket.get(&key).await.expect("readable").is_some()).await;
        let entry = bucket.get(&key).await.expect("readable").expect("there");
        plain_nowhere(&entry.value);
        let locker = lockers.load(&id).await.expect("readable");
        assert_eq!(locker.things.as_deref().map(str::len), Some(2 * bytes), "{id}");
        assert!(locker.applied <= 1, "{id}: from its snapshot");
    }
    vault.keys.erase("acme");
    for number in 0..SIZES.len() {
        let locker = lockers.load(format!("l-{number}")).await.expect("readable all the same");
        assert_eq!((locker.version(), locker.opened), (3, 1));
        assert_eq!((locker.renter.as_deref(), &locker.things), (Some(ERASED), &None));
    }
}

async fn database(folder: &TempDir) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("seen.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_secs(10));
    let pool = SqlitePoolOptions::new().connect_with(options).await.expect("opened");
    let create =
        "CREATE TABLE seen (locker TEXT NOT NULL, who TEXT NOT NULL, things TEXT NOT NULL)";
    sqlx::query(create).execute(&pool).await.expect("created");
    pool
}

fn plain_nowhere(bytes: &[u8]) {
    for plain in [RENTER, THINGS] {
        let found = bytes.windows(plain.len()).any(|window| window == plain.as_bytes());
        assert!(!found, "`{plain}` is there to be read");
    }
}

//! A relay looks when there is something to see.

use sqlx::SqlitePool;
use tidings::Dialect;
use tidings::outbox::Outbox;

use super::ground::NEVER;
use super::{Ground, Relaying, on_all_grounds, stored};
use crate::fixture::{courier, sent};

on_all_grounds!(a_relay_hears_of_a_commit_however_late);

/// It never looks by itself here.
async fn a_relay_hears_of_a_commit_however_late<DB: Dialect>(ground: Ground<DB>) {
    let Ground { outbox, pool, bus, .. } = &ground;
    let relay = Relaying::start(outbox.relay(bus).poll(NEVER));
    outbox.store(courier(bus).parcel_sent(sent("p-1", 0))).await.expect("written");
    ground.drained().await;
    let mut transaction = pool.begin().await.expect("begun");
    let publisher = courier(bus);
    let event = publisher.parcel_sent(sent("p-1", 1));
    outbox.publish(&mut transaction, event).await.expect("written");
    // It looks meanwhile, and there is nothing to see.
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    transaction.commit().await.expect("committed");
    ground.drained().await;
    relay.stop().await;
    assert_eq!(stored(bus).await.len(), 2);
}

/// PostgreSQL tells of what others have put in; in SQLite it is found soon.
#[tokio::test(flavor = "multi_thread")]
async fn what_others_put_in_is_heard_of_in_postgres() {
    let ground = Ground::postgres_server().await;
    let relay = Relaying::start(ground.outbox.relay(&ground.bus).poll(NEVER));
    let other = Outbox::new(ground.pool.clone());
    for step in 0..3 {
        other.store(courier(&ground.bus).parcel_sent(sent("p-1", step))).await.expect("written");
        ground.drained().await;
    }
    relay.stop().await;
}

#[tokio::test]
async fn what_others_put_in_is_found_in_sqlite() {
    let ground = Ground::sqlite_embedded().await;
    let relay = Relaying::start(ground.outbox.relay(&ground.bus));
    let other: Outbox<sqlx::Sqlite> = Outbox::new(ground.pool.clone());
    for step in 0..3 {
        other.store(courier(&ground.bus).parcel_sent(sent("p-1", step))).await.expect("written");
        ground.drained().await;
    }
    relay.stop().await;
}

/// Ids are given in one order and committed in another: what is committed late lies behind what was relayed.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_late_is_not_passed_over() {
    let ground = Ground::postgres_server().await;
    let Ground { outbox, pool, bus, .. } = &ground;
    let relay = Relaying::start(outbox.relay(bus));
    let mut early = pool.begin().await.expect("begun");
    outbox.publish(&mut early, courier(bus).parcel_sent(sent("early", 0))).await.expect("written");
    let mut late = pool.begin().await.expect("begun");
    outbox.publish(&mut late, courier(bus).parcel_sent(sent("late", 0))).await.expect("written");
    late.commit().await.expect("committed");
    ground.drained().await;
    early.commit().await.expect("committed");
    ground.drained().await;
    relay.stop().await;
    let parcels: Vec<_> = stored(bus).await.into_iter().map(|seen| seen.parcel).collect();
    assert_eq!(parcels, ["late", "early"]);
}

/// A pool of one connection is enough: a relay keeps none.
#[tokio::test]
async fn one_connection_is_enough() {
    let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool: SqlitePool = options.connect("sqlite::memory:").await.expect("in memory");
    let outbox = Outbox::new(pool);
    outbox.migrate().await.expect("migrated");
    let bus = tidings::Tidings::embedded();
    bus.ensure(&crate::fixture::catalog::CATALOG).await.expect("the catalog fits");
    let relay = Relaying::start(outbox.relay(&bus));
    for step in 0..100 {
        outbox.store(courier(&bus).parcel_sent(sent("p-1", step))).await.expect("written");
    }
    crate::fixture::until("the outbox is empty", async || {
        outbox.lag().await.expect("readable").waiting == 0
    })
    .await;
    assert_eq!(relay.stop().await.relayed, 100);
}

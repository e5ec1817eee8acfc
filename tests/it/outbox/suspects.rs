//! Events of which nobody knows any more whether they were sent.

use std::time::Duration;

use tidings::Subscription as _;

use super::{Ground, Relaying, stored};
use crate::fixture::catalog::{parcels::v3, tracking};
use crate::fixture::{courier, sent};

/// A relay has sent two of three events and died before it could write that down, longer ago than the stream remembers ids.
#[tokio::test]
async fn what_was_sent_long_ago_is_looked_for_in_the_stream() {
    let ground = Ground::sqlite_embedded().await;
    let Ground { outbox, bus, .. } = &ground;
    let publisher = courier(bus);
    for step in 0..3 {
        let event = publisher.parcel_sent(sent("p-1", step)).id(format!("event-{step}"));
        outbox.store(event).await.expect("written");
    }
    for step in 0..2 {
        let event = publisher.parcel_sent(sent("p-1", step)).id(format!("event-{step}"));
        event.await.expect("stored");
    }
    ground.execute("UPDATE tidings_outbox SET stored_at = stored_at - 600000").await;
    ground.execute("UPDATE tidings_outbox_shard SET attempted = 3").await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(300)).await;
    tokio::time::resume();
    let again = courier(bus).parcel_sent(sent("p-2", 0)).id("event-0").await.expect("stored");
    assert!(!again.duplicate, "the stream has forgotten its ids");

    let relay = Relaying::start(outbox.relay(bus));
    ground.drained().await;
    let report = relay.stop().await;
    assert_eq!((report.relayed, report.known), (3, 2));
    let seen = stored(bus).await;
    let steps: Vec<_> =
        seen.iter().filter(|seen| seen.parcel == "p-1").map(|seen| seen.step).collect();
    assert_eq!(steps, [0, 1, 2]);
}

/// The copies in older versions were stored before the event was refused, and longer ago than the stream remembers ids.
#[tokio::test]
async fn what_was_stored_of_a_dead_event_is_not_stored_again() {
    let ground = Ground::sqlite_embedded().await;
    let Ground { outbox, bus, .. } = &ground;
    let weight = v3::ParcelMeasuredWeight { amount: 1.5, unit: v3::ParcelMeasuredWeightUnit::Kg };
    // Only the newest version has room for a photo, and no broker has for this one.
    let photo = Some("x".repeat(2 << 20));
    let measured = v3::ParcelMeasured { parcel_id: "p-1".into(), weight, note: None, photo };
    outbox.store(courier(bus).parcel_measured(measured)).await.expect("written");
    let relay = Relaying::start(outbox.relay(bus));
    ground.drained().await;
    let first = tracking::first_weights::Subscription::SPEC;
    let count = async || bus.lag(first).await.expect("a consumer").pending;
    assert_eq!(count().await, 2, "the older versions");

    ground.execute("UPDATE tidings_outbox_dead SET stored_at = stored_at - 600000").await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(300)).await;
    tokio::time::resume();
    let dead = outbox.dead().all().await.expect("readable");
    assert!(outbox.retry(dead[0].id).await.expect("done"));
    ground.drained().await;
    assert_eq!(relay.stop().await.dead, 2, "it is as large as it was");
    assert_eq!(count().await, 2);
}

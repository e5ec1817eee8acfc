//! What goes into the outbox, and comes out of it.

use std::collections::HashMap;
use std::time::Duration;

use tidings::outbox::OutboxError;
use tidings::{Dialect, PublishError, Subscription as _};

use super::{Ground, Relaying, on_all_grounds, stored};
use crate::fixture::catalog::{courier, tracking};
use crate::fixture::{courier, sent};

on_all_grounds!(
    what_was_committed_is_relayed_and_what_was_rolled_back_is_not,
    what_is_wrong_with_an_event_is_said_at_once_and_nothing_is_written,
    an_event_is_what_it_would_have_been,
    events_of_one_key_stay_in_order,
    a_large_payload_is_put_aside_when_its_event_is_relayed,
    tables_are_made_by_whoever_comes_first,
);

async fn what_was_committed_is_relayed_and_what_was_rolled_back_is_not<DB: Dialect>(
    ground: Ground<DB>,
) {
    let Ground { outbox, pool, bus, .. } = &ground;
    let publisher = courier(bus);
    let relay = Relaying::start(outbox.relay(bus));
    let mut kept = Vec::new();
    for step in 0..20 {
        let mut transaction = pool.begin().await.expect("begun");
        let id = outbox.publish(&mut transaction, publisher.parcel_sent(sent("p-1", step)));
        let id = id.await.expect("written");
        if step % 3 == 0 {
            transaction.rollback().await.expect("rolled back");
        } else {
            transaction.commit().await.expect("committed");
            kept.push((id, step));
        }
    }
    kept.push((outbox.store(publisher.parcel_sent(sent("p-1", 20))).await.expect("stored"), 20));
    ground.drained().await;
    let report = relay.stop().await;
    assert_eq!((report.relayed, report.known, report.dead, report.left), (14, 0, 0, Some(0)));
    let seen: Vec<_> = stored(bus).await.into_iter().map(|seen| (seen.id, seen.step)).collect();
    assert_eq!(seen, kept);
}

async fn what_is_wrong_with_an_event_is_said_at_once_and_nothing_is_written<DB: Dialect>(
    ground: Ground<DB>,
) {
    let Ground { outbox, pool, bus, .. } = &ground;
    let nobodys = courier::Publisher::new(bus);
    let mut transaction = pool.begin().await.expect("begun");
    let without = outbox.publish(&mut transaction, nobodys.parcel_sent(sent("p-1", 0))).await;
    let no_organization =
        matches!(without, Err(OutboxError::Publish(PublishError::NoOrganization { .. })));
    assert!(no_organization, "{without:?}");
    let publisher = courier(bus);
    let expecting = publisher.parcel_sent(sent("p-1", 0)).expect_last_sequence(7);
    let refused = outbox.publish(&mut transaction, expecting).await.expect_err("refused");
    let words = refused.to_string();
    assert!(
        words.contains("`parcels.parcel.sent`") && words.contains("expect_last_sequence"),
        "{words}"
    );
    transaction.commit().await.expect("committed");
    assert_eq!(outbox.lag().await.expect("readable").waiting, 0);
}

/// The relay knows no types, and yet all is there: the id, the time, the correlation, the older versions.
async fn an_event_is_what_it_would_have_been<DB: Dialect>(ground: Ground<DB>) {
    use crate::fixture::catalog::parcels::v3::ParcelMeasured;
    let Ground { outbox, bus, .. } = &ground;
    let example = <ParcelMeasured as tidings::Event>::SPEC.examples[0];
    let example = || serde_json::from_str::<ParcelMeasured>(example).expect("it fits");
    let time = "2026-02-03T04:05:06Z".parse().expect("a time");
    let publisher = (*courier(bus))
        .clone()
        .correlation_id("chain")
        .trace_parent("00-a-b-01")
        .trace_state("vendor=1");
    publisher.publish(example()).id("direct").time(time).await.expect("stored");
    outbox.store(publisher.publish(example()).id("stored").time(time)).await.expect("written");
    let relay = Relaying::start(outbox.relay(bus));
    ground.drained().await;
    relay.stop().await;

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("events.jsonl");
    let source = tracking::journey::Subscription::SPEC;
    let stream = crate::fixture::catalog::CATALOG.stream(source.stream).expect("in the catalog");
    bus.replay(stream).to_file(&file).await.expect("written");
    let lines = std::fs::read_to_string(&file).expect("text");
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 6, "three versions each");
    let (direct, relayed) = lines.split_at(3);
    let (mut direct_ids, mut relayed_ids) = (Vec::new(), Vec::new());
    for (direct, relayed) in direct.iter().zip(relayed) {
        let (direct, relayed) = (apart(direct, &mut direct_ids), apart(relayed, &mut relayed_ids));
        assert_eq!(direct, relayed);
        assert_eq!(
            (&direct["correlationid"], &direct["traceparent"], &direct["tracestate"]),
            (&"chain".into(), &"00-a-b-01".into(), &"vendor=1".into())
        );
    }
    let place = direct_ids.iter().position(|id| id == "direct").expect("it is there");
    assert_eq!(relayed_ids[place], "stored", "copies are in their places");
}

/// A line of a replay's file, without what only its place in the stream decides, and without the event's id.
fn apart(line: &str, ids: &mut Vec<String>) -> serde_json::Value {
    let mut value: serde_json::Value = serde_json::from_str(line).expect("JSON");
    let members = value.as_object_mut().expect("an object");
    members.retain(|name, _| !matches!(name.as_str(), "natssequence" | "natstime" | "copyof"));
    ids.push(members.remove("id").expect("an id").as_str().expect("a text").to_owned());
    value
}

async fn events_of_one_key_stay_in_order<DB: Dialect>(ground: Ground<DB>) {
    const KEYS: u64 = 40;
    const STEPS: u64 = 50;
    let Ground { outbox, pool, bus, .. } = &ground;
    let publisher = courier(bus);
    let relay = Relaying::start(outbox.relay(bus).in_flight(64));
    for step in 0..STEPS {
        let mut transaction = pool.begin().await.expect("begun");
        for key in 0..KEYS {
            let event = publisher.parcel_sent(sent(&format!("p-{key}"), step));
            outbox.publish(&mut transaction, event).await.expect("written");
        }
        transaction.commit().await.expect("committed");
    }
    ground.drained().await;
    let report = relay.stop().await;
    assert_eq!((report.relayed, report.known), (KEYS * STEPS, 0));
    let mut last: HashMap<String, u64> = HashMap::new();
    for seen in stored(bus).await {
        let expected = last.entry(seen.parcel).or_default();
        assert_eq!(seen.step, *expected);
        *expected += 1;
    }
    assert!(last.len() as u64 == KEYS && last.values().all(|steps| *steps == STEPS));
}

async fn tables_are_made_by_whoever_comes_first<DB: Dialect>(ground: Ground<DB>) {
    let outbox = &ground.outbox;
    let all = tokio::join!(outbox.migrate(), outbox.migrate(), outbox.migrate());
    for migrated in [all.0, all.1, all.2] {
        migrated.expect("they are there already");
    }
}

#[tokio::test]
async fn without_tables_a_relay_says_what_to_call() {
    let pool = sqlx::SqlitePool::connect("sqlite::memory:").await.expect("in memory");
    let outbox = tidings::outbox::SqliteOutbox::new(pool);
    let bus = tidings::Tidings::embedded();
    let relay = outbox.relay(&bus).until(tokio::time::sleep(Duration::from_secs(60)));
    let words = relay.await.expect_err("no tables").to_string();
    assert!(words.contains("Outbox::migrate"), "{words}");
}

async fn a_large_payload_is_put_aside_when_its_event_is_relayed<DB: Dialect>(ground: Ground<DB>) {
    use crate::fixture::catalog::photos::PhotoTaken;
    let Ground { outbox, bus, .. } = &ground;
    let bucket = bus.objects("PHOTOS_EVENTS_payloads").expect("a name");
    let photo =
        |turned| PhotoTaken { photo_id: "f-1".to_owned(), pixels: "#".repeat(200_000), turned };
    let publisher = courier(bus);
    for turned in 0..2 {
        let event = publisher.photo_taken(photo(turned)).id("same");
        outbox.store(event).await.expect("written");
    }
    assert_eq!(bucket.list().await.expect("readable"), [], "it waits in the outbox, whole");
    let relay = Relaying::start(outbox.relay(bus));
    ground.drained().await;
    let report = relay.stop().await;
    assert_eq!((report.relayed, report.known, report.dead), (2, 1, 0));
    // The second was known by its id, and what was put aside for it is gone.
    assert_eq!(bucket.list().await.expect("readable").len(), 2, "one of each version");
    let (shelf, mut sightings) = crate::conformance::payloads::shelf(false);
    let subscriber = tracking::Photos::subscriber(shelf);
    let replayed = bus.replay(tracking::photos::Subscription::SPEC).to(subscriber).await;
    assert_eq!(replayed.expect("replayed").events, 1);
    let seen = sightings.recv().await.expect("handled");
    assert!(seen == photo(0), "another photograph came");
}

//! Loads of many events: stored in order, with everything that an event is, and with nothing to find duplicates by.

use tidings::{BrokerError, Bulk, BulkError, PublishError, Subscription as _, Tidings};

use super::on_both_brokers;
use super::payloads::shelf;
use crate::fixture::catalog::parcels::v3;
use crate::fixture::catalog::{courier, ledger, photos, tracking};
use crate::fixture::{Running, Tracker, booth, courier, next, paid, sent};

on_both_brokers!(
    events_are_stored_in_order_and_beside_others,
    what_is_loaded_twice_is_stored_twice,
    a_stream_that_takes_no_loads_says_so_and_stores_nothing,
    what_cannot_be_loaded_is_left_out_and_the_load_goes_on,
    copies_in_older_versions_belong_to_it,
    large_payloads_lie_beside_their_messages,
    two_loads_at_once_are_stored_whole,
    nothing_is_a_load_too,
);

/// Whether the server is too old; then it has been said, and is true.
pub(crate) fn too_old<T>(result: &Result<T, BulkError>) -> bool {
    let Err(BulkError::BrokenOff { stored: 0, unknown: 0, source }) = result else { return false };
    let BrokerError::ServerTooOld { server, needed: "2.14", .. } = source else { return false };
    let mut numbers = server.split('.').map(|number| number.parse().expect("a number"));
    let version: (u32, u32) = (numbers.next().expect("one"), numbers.next().expect("two"));
    assert!(version < (2, 14), "{server} is not too old");
    true
}

async fn pending(bus: &Tidings) -> u64 {
    bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer").pending
}

/// A load of parcels, unless the server is too old.
pub(crate) async fn begun(publisher: &courier::Publisher) -> Option<Bulk> {
    let mut load = publisher.bulk();
    let first = load.add(publisher.parcel_sent(sent("p-1", 0))).await;
    if too_old(&first) {
        return None;
    }
    first.expect("added");
    Some(load)
}

async fn events_are_stored_in_order_and_beside_others(bus: Tidings) {
    const EVENTS: u64 = 1_300;
    let publisher = courier(&bus);
    let Some(mut load) = begun(&publisher).await else { return };
    for step in 1..EVENTS {
        load.add(publisher.parcel_sent(sent("p-1", step)).id(format!("e-{step}")))
            .await
            .expect("added");
        if step == EVENTS / 2 {
            let beside = publisher.parcel_sent(sent("p-2", 0)).await.expect("stored");
            assert!(!beside.duplicate);
        }
    }
    let known = load.stored();
    assert!(known < EVENTS, "the stream says it of the last at the end");
    let loaded = load.finish().await.expect("stored");
    assert_eq!(loaded.events, EVENTS);
    assert!(loaded.last_sequence.is_some_and(|last| last == EVENTS || last == EVENTS + 1));

    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let mut seen = Vec::new();
    for _ in 0..=EVENTS {
        seen.push(next(&mut sightings).await);
    }
    run.stop().await;
    seen.sort_by_key(|one| one.sequence);
    let own: Vec<_> = seen.iter().filter(|one| one.parcel == "p-1").collect();
    assert!(own.iter().map(|one| one.step).eq(0..EVENTS), "in the order in which they were added");
    assert_eq!(own[7].id, "e-7", "each with its id");
}

async fn what_is_loaded_twice_is_stored_twice(bus: Tidings) {
    let publisher = courier(&bus);
    let Some(mut load) = begun(&publisher).await else { return };
    for _ in 0..2 {
        load.add(publisher.parcel_sent(sent("p-1", 1)).id("same")).await.expect("added");
    }
    assert_eq!(load.finish().await.expect("stored").events, 3);
    // The stream has not heard of the id either.
    let single = publisher.parcel_sent(sent("p-1", 1)).id("same").await.expect("stored");
    assert!(!single.duplicate);
    assert_eq!(pending(&bus).await, 4);
}

async fn a_stream_that_takes_no_loads_says_so_and_stores_nothing(bus: Tidings) {
    let publisher = booth(&bus);
    let mut load = publisher.bulk();
    let refused = load.add(publisher.toll_paid(paid("t-1", 1))).await;
    if too_old(&refused) {
        return;
    }
    let Err(BulkError::BrokenOff { stored: 0, unknown: 0, source }) = &refused else {
        panic!("{refused:?}");
    };
    assert!(matches!(source, BrokerError::TakesNoLoads(_)), "{source:?}");
    assert!(
        source.to_string().contains("TOLLS_EVENTS") && source.to_string().contains("bulk: true")
    );
    assert!(refused.is_err_and(|error| error.is_end()));
    let more = load.add(publisher.toll_paid(paid("t-2", 1))).await;
    assert!(matches!(more, Err(BulkError::BrokenOff { stored: 0, unknown: 0, .. })), "{more:?}");
    let finished = load.finish().await;
    assert!(matches!(finished, Err(BulkError::BrokenOff { .. })), "{finished:?}");
    assert_eq!(bus.lag(ledger::open::Subscription::SPEC).await.expect("a consumer").pending, 0);
    // Nothing opens the breaker by that, and the stream takes what it takes.
    publisher.toll_paid(paid("t-1", 1)).await.expect("stored");
}

async fn what_cannot_be_loaded_is_left_out_and_the_load_goes_on(bus: Tidings) {
    let (publisher, nobody) = (courier(&bus), courier::Publisher::new(&bus));
    let Some(mut load) = begun(&publisher).await else { return };
    let error = load.add(nobody.parcel_sent(sent("p-1", 9))).await.expect_err("no organization");
    assert!(matches!(error, BulkError::Event(PublishError::NoOrganization { .. })), "{error:?}");
    assert!(!error.is_end());
    let large = load.add(publisher.parcel_sent(sent(&"x".repeat(2_000_000), 9))).await;
    let error = large.expect_err("too large");
    let BulkError::Event(PublishError::Rejected { source: BrokerError::TooLarge { .. }, .. }) =
        &error
    else {
        panic!("{error:?}");
    };
    let expecting = load.add(publisher.parcel_sent(sent("p-1", 9)).expect_last_sequence(1)).await;
    assert!(matches!(expecting, Err(BulkError::Expects { .. })), "{expecting:?}");
    let photo = photos::PhotoTaken { photo_id: "f-1".into(), pixels: "x".into(), turned: 0 };
    let elsewhere = load.add(publisher.photo_taken(photo)).await.expect_err("of another stream");
    let BulkError::OtherStream { other, stream, .. } = &elsewhere else { panic!("{elsewhere:?}") };
    assert_ne!(other, stream);
    load.add(publisher.parcel_sent(sent("p-1", 1))).await.expect("added");
    assert_eq!(load.finish().await.expect("stored").events, 2);
    assert_eq!(pending(&bus).await, 2);
}

async fn copies_in_older_versions_belong_to_it(bus: Tidings) {
    let publisher = courier(&bus);
    let weight = v3::ParcelMeasuredWeight { amount: 2.0, unit: v3::ParcelMeasuredWeightUnit::Kg };
    let measured = v3::ParcelMeasured { parcel_id: "p-1".into(), weight, note: None, photo: None };
    let mut load = publisher.bulk();
    for _ in 0..400 {
        let added = load.add(publisher.parcel_measured(measured.clone())).await;
        if too_old(&added) {
            return;
        }
        added.expect("added");
    }
    let known = load.stored();
    assert!(known < 400, "an event is stored with its last message: {known}");
    let loaded = load.finish().await.expect("stored");
    assert_eq!((loaded.events, loaded.last_sequence), (400, Some(1200)));
    let lag = bus.lag(tracking::first_weights::Subscription::SPEC).await.expect("a consumer");
    assert_eq!(lag.pending, 1200);
}

async fn large_payloads_lie_beside_their_messages(bus: Tidings) {
    let publisher = courier(&bus);
    let pixels = super::payloads::noise(300_000);
    let photo = photos::PhotoTaken { photo_id: "f-1".into(), pixels, turned: 90 };
    let mut load = publisher.bulk();
    for _ in 0..3 {
        let added = load.add(publisher.photo_taken(photo.clone())).await;
        if too_old(&added) {
            return;
        }
        added.expect("added");
    }
    load.finish().await.expect("stored");
    let bucket = bus.objects("PHOTOS_EVENTS_payloads").expect("a name");
    let objects = bucket.list().await.expect("readable").len();
    assert!(objects >= 3, "{objects} payloads");
    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Photos::subscriber(shelf)));
    for _ in 0..3 {
        assert!(next(&mut sightings).await == photo, "another photograph came");
    }
    run.stop().await;
}

async fn two_loads_at_once_are_stored_whole(bus: Tidings) {
    let publisher = courier(&bus);
    let (Some(mut one), Some(mut other)) = (begun(&publisher).await, begun(&publisher).await)
    else {
        return;
    };
    for step in 1..700 {
        one.add(publisher.parcel_sent(sent("p-1", step))).await.expect("added");
        other.add(publisher.parcel_sent(sent("p-2", step))).await.expect("added");
    }
    let (one, other) = (one.finish().await, other.finish().await);
    let loaded = [one.expect("stored"), other.expect("stored")];
    assert_eq!(loaded.map(|loaded| loaded.events), [700, 700]);
    assert_eq!(pending(&bus).await, 1400);
}

async fn nothing_is_a_load_too(bus: Tidings) {
    let loaded = courier(&bus).bulk().finish().await.expect("nothing to do");
    assert_eq!((loaded.events, loaded.last_sequence), (0, None));
}

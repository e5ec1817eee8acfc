use std::collections::BTreeMap;
use std::time::Duration;

use tidings::{Subscription as _, Tidings};

use super::on_both_brokers;
use crate::fixture::catalog::tracking;
use crate::fixture::{Running, Seen, Tracker, courier, next, sent};

on_both_brokers!(
    one_key_stays_in_order_through_failures,
    keys_do_not_wait_for_each_other,
    attempts_in_place_and_their_pauses_do_not_add_up_to_silence,
);

const PARCELS: u64 = 8;
const STEPS: u64 = 12;

async fn one_key_stays_in_order_through_failures(bus: Tidings) {
    // Every fifth event fails once: whoever lets the next one pass is out of order.
    let (tracker, mut sightings) = Tracker::new(async |seen: Seen| {
        if seen.sequence.is_multiple_of(5) && seen.attempt == 1 {
            Err(std::io::Error::other("once"))?;
        }
        tokio::task::yield_now().await;
        Ok(())
    });
    for step in 0..STEPS {
        for parcel in 0..PARCELS {
            courier(&bus).parcel_sent(sent(&format!("p-{parcel}"), step)).await.expect("stored");
        }
    }
    let run = Running::start(bus.run(tracking::InOrder::subscriber(tracker)));
    let mut last: BTreeMap<String, u64> = BTreeMap::new();
    let failures = PARCELS * STEPS / 5;
    for _ in 0..PARCELS * STEPS + failures {
        let seen = next(&mut sightings).await;
        let expected = last.get(&seen.parcel).map_or(0, |step| step + 1);
        let again = seen.attempt == 2 && seen.step + 1 == expected;
        assert!(again || seen.step == expected, "{seen:?} after {last:?}");
        last.insert(seen.parcel, seen.step);
    }
    assert!(last.values().all(|step| *step == STEPS - 1));
    let report = run.stop().await;
    assert_eq!((report.handled, report.retried), (PARCELS * STEPS, failures));
}

async fn keys_do_not_wait_for_each_other(bus: Tidings) {
    let (tracker, mut sightings) = Tracker::new(async |seen: Seen| match seen.parcel.as_str() {
        "stuck" => std::future::pending().await,
        _ => Ok(()),
    });
    let run = bus.run(tracking::InOrder::subscriber(tracker)).grace(Duration::ZERO);
    let run = Running::start(run);
    courier(&bus).parcel_sent(sent("stuck", 0)).await.expect("stored");
    assert_eq!(next(&mut sightings).await.parcel, "stuck");
    for step in 0..5 {
        courier(&bus).parcel_sent(sent("free", step)).await.expect("stored");
        assert_eq!(next(&mut sightings).await.step, step);
    }
    let report = run.stop().await;
    assert_eq!((report.handled, report.handed_back), (5, 1));
}

/// Each step is shorter than the time after which a sign of life is due, and all of them are longer than the ack wait.
async fn attempts_in_place_and_their_pauses_do_not_add_up_to_silence(bus: Tidings) {
    let (tracker, mut sightings) = Tracker::new(async |seen: Seen| {
        tokio::time::sleep(Duration::from_millis(640)).await;
        if seen.attempt < 3 {
            Err(std::io::Error::other("not yet"))?;
        }
        Ok(())
    });
    let run = Running::start(bus.run(tracking::InOrder::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    for attempt in 1..=3 {
        assert_eq!(next(&mut sightings).await.attempt, attempt);
    }
    bus.idle(tracking::in_order::Subscription::SPEC).await.expect("idle");
    assert_eq!(run.stop().await.handled, 1, "it was delivered once");
    assert!(sightings.recv().await.is_none());
}

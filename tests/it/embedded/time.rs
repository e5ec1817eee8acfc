//! Time is paused: what waits, waits for nobody.

use std::time::{Duration, Instant};

use tidings::{RetryAfter, Subscription as _};

use super::{broker, settled};
use crate::fixture::catalog::tracking;
use crate::fixture::{Running, Seen, Tracker, courier, moved, sent};

#[tokio::test(start_paused = true)]
async fn an_hour_of_backoff_takes_no_time() {
    let real = Instant::now();
    let (bus, _) = broker().await;
    let (tracker, mut sightings) = Tracker::new(async |seen: Seen| match seen.attempt {
        1 | 2 => Err(RetryAfter::new(Duration::from_secs(1800), "closed for lunch"))?,
        _ => Ok(()),
    });
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    let first = sightings.recv().await.expect("handled");
    sightings.recv().await.expect("handled again");
    let last = sightings.recv().await.expect("handled for the last time");
    let waited = last.at - first.at;
    assert!(waited >= Duration::from_secs(3600) && waited < Duration::from_secs(3601));
    settled(&bus).await;
    assert_eq!(run.stop().await.handled, 1);
    // Some milliseconds; the rest is for machines that are busy.
    assert!(real.elapsed() < Duration::from_secs(20), "{:?}", real.elapsed());
}

#[tokio::test(start_paused = true)]
async fn attempts_and_pauses_in_place_do_not_add_up_to_silence() {
    let (bus, _) = broker().await;
    // Each attempt and each pause is shorter than the time between two signs of life; together they outlast the ack wait.
    let (tracker, mut sightings) = Tracker::new(async |_: Seen| {
        tokio::time::sleep(Duration::from_millis(600)).await;
        Err(std::io::Error::other("always"))?;
        Ok(())
    });
    let run = Running::start(bus.run(tracking::InOrder::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    for attempt in 1..=3 {
        assert_eq!(sightings.recv().await.expect("handled").attempt, attempt);
    }
    bus.idle(tracking::in_order::Subscription::SPEC).await.expect("idle");
    let report = run.stop().await;
    assert_eq!((report.dead_lettered, report.handled), (1, 0));
    assert!(sightings.try_recv().is_err(), "the same delivery came twice");
}

/// Where one event is in hand at a time, events that always fail look like an outage once there are enough of them in a row.
#[tokio::test(start_paused = true)]
async fn poison_in_a_row_holds_its_partition_up_no_longer_than_an_outage_may_take() {
    // Four in a row open the breaker, as there are four partitions: the last one of them is its only probe.
    const POISON: u64 = 4;
    let (bus, _) = broker().await;
    let spec = tracking::pallets_in_order::Subscription::SPEC;
    let (tracker, _sightings) = Tracker::new(async |seen: Seen| {
        if seen.step < POISON {
            Err(std::io::Error::other("never"))?;
        }
        Ok(())
    });
    for step in 0..=POISON {
        courier(&bus).pallet_moved(moved("one", step)).await.expect("stored");
    }
    let begun = tokio::time::Instant::now();
    let run = Running::start(bus.run(tracking::PalletsInOrder::subscriber(tracker)));
    let patience = 4 * crate::fixture::PATIENCE * 60;
    tokio::time::timeout(patience, bus.idle(spec)).await.expect("in time").expect("idle");
    let took = begun.elapsed();
    let report = run.stop().await;
    assert_eq!((report.dead_lettered, report.handled), (POISON, 1));
    let minutes = took.as_secs() / 60;
    assert!((15..25).contains(&minutes), "{took:?}");
}

//! Time is paused: what waits, waits for nobody.

use std::time::{Duration, Instant};

use tidings::{RetryAfter, Subscription as _};

use super::{broker, settled};
use crate::fixture::catalog::tracking;
use crate::fixture::{Running, Seen, Tracker, courier, sent};

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

use std::time::Duration;

use tidings::{RetryAfter, Subscription as _, Tidings};

use super::on_both_brokers;
use crate::fixture::catalog::tracking;
use crate::fixture::{Running, Seen, Tracker, courier, next, sent};

on_both_brokers!(
    a_failure_comes_again_after_the_delays_of_the_catalog,
    a_handler_may_say_when_to_try_again,
    a_failure_does_not_hold_up_the_others,
);

/// How late a delivery may be on a busy machine.
const LATE: Duration = Duration::from_millis(900);

async fn a_failure_comes_again_after_the_delays_of_the_catalog(bus: Tidings) {
    let (tracker, mut sightings) = Tracker::new(async |seen: Seen| match seen.attempt {
        4 => Ok(()),
        _ => Err(std::io::Error::other("not yet"))?,
    });
    let run = Running::start(bus.run(tracking::Patient::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    let mut before = next(&mut sightings).await;
    for delay in tracking::patient::Subscription::SPEC.retry.backoff {
        let seen = next(&mut sightings).await;
        assert_eq!((seen.attempt, &seen.id), (before.attempt + 1, &before.id));
        let waited = seen.at - before.at;
        assert!(waited >= *delay && waited < *delay + LATE, "{waited:?} instead of {delay:?}");
        before = seen;
    }
    let report = run.stop().await;
    assert_eq!((report.handled, report.retried, report.dead_lettered), (1, 3, 0));
}

async fn a_handler_may_say_when_to_try_again(bus: Tidings) {
    let delay = Duration::from_millis(1300);
    let (tracker, mut sightings) = Tracker::new(move |seen: Seen| async move {
        match seen.attempt {
            1 => Err(RetryAfter::new(delay, "rate limited"))?,
            _ => Ok(()),
        }
    });
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    let first = next(&mut sightings).await;
    let waited = next(&mut sightings).await.at - first.at;
    assert!(waited >= delay && waited < delay + LATE, "{waited:?} instead of {delay:?}");
    assert_eq!(run.stop().await.handled, 1);
}

async fn a_failure_does_not_hold_up_the_others(bus: Tidings) {
    let (tracker, mut sightings) =
        Tracker::new(async |seen: Seen| match (seen.step, seen.attempt) {
            (0, 1) => Err(std::io::Error::other("the first one only"))?,
            _ => Ok(()),
        });
    for step in 0..10 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    let run = Running::start(bus.run(tracking::Patient::subscriber(tracker)));
    let mut steps = Vec::new();
    for _ in 0..11 {
        steps.push(next(&mut sightings).await.step);
    }
    assert_eq!(steps.iter().filter(|step| **step == 0).count(), 2);
    assert_eq!(steps.last(), Some(&0), "the failed one came last: {steps:?}");
    assert_eq!(run.stop().await.handled, 10);
}

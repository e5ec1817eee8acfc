use std::time::Duration;

use tidings::{Subscription as _, Tidings};

use super::on_both_brokers;
use crate::fixture::catalog::tracking;
use crate::fixture::{Running, Tracker, courier, next, sent};

on_both_brokers!(
    a_drained_run_leaves_nothing_to_deliver_again,
    what_outlasts_the_grace_period_is_handed_back,
    what_was_handed_back_has_not_failed,
    after_closing_nothing_is_published,
);

async fn a_drained_run_leaves_nothing_to_deliver_again(bus: Tidings) {
    let (tracker, mut sightings) = Tracker::new(async |_| {
        tokio::time::sleep(Duration::from_millis(30)).await;
        Ok(())
    });
    for step in 0..40 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    for _ in 0..10 {
        next(&mut sightings).await;
    }
    let report = run.stop().await;
    assert!(report.is_clean() && report.handled >= 10 && report.retried == 0, "{report:?}");
    let (rest, mut sightings) = Tracker::content();
    let lag = bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer");
    let left = 40 - report.handled;
    assert_eq!(lag.pending + lag.unsettled, left, "{report:?}");
    let run = Running::start(bus.run(tracking::Journey::subscriber(rest)));
    for _ in 0..left {
        next(&mut sightings).await;
    }
    assert_eq!(run.stop().await.handled, left, "each event was handled once");
}

async fn what_outlasts_the_grace_period_is_handed_back(bus: Tidings) {
    let (stuck, mut sightings, _shut) = Tracker::gated(0);
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    let run = bus.run(tracking::Journey::subscriber(stuck)).grace(Duration::from_millis(50));
    let run = Running::start(run);
    next(&mut sightings).await;
    let report = run.stop().await;
    assert_eq!((report.handled, report.handed_back), (0, 1));
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    assert_eq!(next(&mut sightings).await.attempt, 2);
    assert_eq!(run.stop().await.handled, 1);
}

async fn what_was_handed_back_has_not_failed(bus: Tidings) {
    let (stuck, mut sightings) = Tracker::new(async |_| std::future::pending().await);
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    // One attempt is all that this subscription has.
    for attempt in 1..=3 {
        let run = bus.run(tracking::Brief::subscriber(stuck.clone())).grace(Duration::ZERO);
        let run = Running::start(run);
        assert_eq!(next(&mut sightings).await.attempt, attempt);
        assert_eq!(run.stop().await.handed_back, 1);
    }
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Brief::subscriber(tracker)));
    assert_eq!(next(&mut sightings).await.attempt, 4);
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (1, 0));
}

async fn after_closing_nothing_is_published(bus: Tidings) {
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    bus.close().await.expect("closed");
    let error = courier(&bus).parcel_sent(sent("p-1", 1)).await.expect_err("closed");
    assert!(!error.is_unknown(), "{error:?}");
}

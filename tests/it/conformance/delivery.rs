use std::collections::BTreeSet;
use std::sync::Arc;

use tidings::{Subscription as _, Tidings};
use tokio::sync::Semaphore;

use super::on_both_brokers;
use crate::fixture::catalog::tracking;
use crate::fixture::{Running, Tracker, courier, next, sent, until};

on_both_brokers!(
    two_instances_share_the_load,
    no_more_than_the_concurrency_at_once,
    a_handler_may_take_longer_than_ack_wait,
    what_an_instance_dropped_comes_again,
    events_before_the_start_are_handled,
);

async fn two_instances_share_the_load(bus: Tidings) {
    let both = Arc::new(Semaphore::new(0));
    let meet = Arc::clone(&both);
    // Each delivery waits for the test, so no instance can take everything.
    let answer = move |_| {
        let meet = Arc::clone(&meet);
        async move {
            meet.acquire().await?.forget();
            Ok(())
        }
    };
    let (one, mut seen_by_one) = Tracker::new(answer.clone());
    let (two, mut seen_by_two) = Tracker::new(answer);
    let first = Running::start(bus.run(tracking::Journey::subscriber(one)));
    let second = Running::start(bus.run(tracking::Journey::subscriber(two)));
    for step in 0..16 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    let mut steps = BTreeSet::new();
    for _ in 0..8 {
        steps.insert(next(&mut seen_by_one).await.step);
        steps.insert(next(&mut seen_by_two).await.step);
    }
    assert_eq!(steps.len(), 16, "each event went to one instance");
    both.add_permits(16);
    until("all are handled", async || {
        let lag = bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer");
        lag.pending == 0 && lag.unsettled == 0
    })
    .await;
    assert_eq!((first.stop().await.handled, second.stop().await.handled), (8, 8));
}

async fn no_more_than_the_concurrency_at_once(bus: Tidings) {
    let (tracker, mut sightings, gate) = Tracker::gated(0);
    for step in 0..20 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    for _ in 0..8 {
        next(&mut sightings).await;
    }
    // Nothing is fetched that could not be begun: the rest is still the broker's.
    let lag = bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer");
    assert_eq!((lag.pending, lag.unsettled), (12, 8));
    assert!(sightings.try_recv().is_err());
    gate.add_permits(20);
    for _ in 0..12 {
        next(&mut sightings).await;
    }
    assert_eq!(run.stop().await.handled, 20);
}

async fn a_handler_may_take_longer_than_ack_wait(bus: Tidings) {
    let three_times = tracking::journey::Subscription::SPEC.ack_wait * 3;
    let (tracker, mut sightings) = Tracker::new(move |_| async move {
        tokio::time::sleep(three_times).await;
        Ok(())
    });
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    assert_eq!(next(&mut sightings).await.attempt, 1);
    until("it is settled", async || {
        let lag = bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer");
        lag.pending == 0 && lag.unsettled == 0
    })
    .await;
    let report = run.stop().await;
    assert_eq!((report.handled, report.retried), (1, 0));
    assert!(sightings.try_recv().is_err(), "it was delivered a second time");
}

async fn what_an_instance_dropped_comes_again(bus: Tidings) {
    let (stuck, mut seen_by_stuck) = Tracker::new(async |_| std::future::pending().await);
    let crashing = tokio::spawn(
        bus.run(tracking::Journey::subscriber(stuck)).until(std::future::pending::<()>()),
    );
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    next(&mut seen_by_stuck).await;
    // As in a crash: no settlement, no sign of life.
    crashing.abort();
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    assert_eq!(next(&mut sightings).await.attempt, 2);
    assert_eq!(run.stop().await.handled, 1);
}

async fn events_before_the_start_are_handled(bus: Tidings) {
    for step in 0..100 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let mut steps = BTreeSet::new();
    for _ in 0..100 {
        steps.insert(next(&mut sightings).await.step);
    }
    assert_eq!(steps, (0..100).collect());
    assert_eq!(run.stop().await.handled, 100);
}

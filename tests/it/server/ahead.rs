//! Subscriptions at full speed fetch ahead of their handlers, and handle in place what is quick.

use std::sync::{Arc, Barrier};

use tidings::catalog::SubscriptionSpec;
use tidings::testing::NatsServer;
use tidings::{Config, Subscription as _, Tidings};

use super::{connect, lower};
use crate::fixture::catalog::tracking;
use crate::fixture::{Running, Tracker, courier, next, sent, until};

const JOURNEY: &SubscriptionSpec = tracking::journey::Subscription::SPEC;

async fn publish(bus: &Tidings, steps: std::ops::Range<u64>) {
    let publisher = courier(bus);
    let mut receipts = Vec::new();
    for step in steps {
        receipts.push(publisher.parcel_sent(sent("p-1", step)).enqueue().await.expect("sent"));
    }
    for receipt in receipts {
        receipt.await.expect("stored");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_slow_handlers_is_kept_from_coming_again() {
    const QUICK: u64 = 3000;
    const ALL: u64 = 4000;
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    publish(&bus, 0..ALL).await;
    let (tracker, mut sightings, gate) = Tracker::gated(QUICK);
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let mut slow = 0;
    while slow < JOURNEY.concurrency {
        slow += usize::from(next(&mut sightings).await.step >= QUICK);
    }
    let lag = bus.lag(JOURNEY).await.expect("a consumer");
    assert!(lag.unsettled > JOURNEY.concurrency as u64, "nothing was fetched ahead: {lag:?}");
    // What is begun and what waits: the broker would deliver both again.
    tokio::time::sleep(JOURNEY.ack_wait * 3).await;
    gate.add_permits(usize::try_from(ALL).expect("few"));
    until("all are handled", async || {
        let lag = bus.lag(JOURNEY).await.expect("a consumer");
        lag.pending == 0 && lag.unsettled == 0
    })
    .await;
    let report = run.stop().await;
    assert_eq!((report.handled, report.is_clean()), (ALL, true), "{report:?}");
    while let Ok(seen) = sightings.try_recv() {
        assert_eq!(seen.attempt, 1, "{seen:?}");
    }
}

/// Where the catalog says more than the broker takes, an instance would hold all of it.
#[tokio::test(flavor = "multi_thread")]
async fn who_gets_stuck_leaves_some_to_the_others() {
    const QUICK: u64 = 3000;
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    // Of which an instance fetches a quarter beyond what it handles at once.
    let most = i64::try_from(JOURNEY.concurrency + JOURNEY.concurrency / 2).expect("few");
    lower(&server, JOURNEY, most).await;
    publish(&bus, 0..QUICK + 200).await;
    let (stuck, mut sightings, gate) = Tracker::gated(QUICK);
    let run = Running::start(bus.run(tracking::Journey::subscriber(stuck)));
    let mut slow = 0;
    while slow < JOURNEY.concurrency {
        slow += usize::from(next(&mut sightings).await.step >= QUICK);
    }
    // It does not raise the number again.
    let others = Tidings::connect(Config::new(server.url())).await.expect("a connection");
    let (tracker, mut helped) = Tracker::content();
    let other = Running::start(others.run(tracking::Journey::subscriber(tracker)));
    next(&mut helped).await;
    assert!(sightings.try_recv().is_err(), "it had to wait until a handler was given up");
    gate.add_permits(200);
    run.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ends_at_full_speed_gives_nothing_back() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    publish(&bus, 0..10_000).await;
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    for _ in 0..2000 {
        next(&mut sightings).await;
    }
    let report = run.stop().await;
    assert!(report.is_clean() && report.handled >= 2000, "{report:?}");
    assert_eq!(report.handed_back, 0, "{report:?}");
    let lag = bus.lag(JOURNEY).await.expect("a consumer");
    assert_eq!((lag.pending, lag.unsettled), (10_000 - report.handled, 0), "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn handlers_that_keep_their_thread_do_not_wait_for_each_other() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let meeting = Arc::new(Barrier::new(2));
    let (tracker, mut sightings) = Tracker::new(move |seen| {
        let meeting = Arc::clone(&meeting);
        async move {
            if seen.step > 0 {
                meeting.wait();
            } else {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            Ok(())
        }
    });
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    publish(&bus, 0..1).await;
    next(&mut sightings).await;
    publish(&bus, 1..3).await;
    next(&mut sightings).await;
    next(&mut sightings).await;
    assert_eq!(run.stop().await.handled, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_without_a_word_is_done_with_all_the_same() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    publish(&bus, 0..1000).await;
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)).unconfirmed());
    for _ in 0..1000 {
        assert_eq!(next(&mut sightings).await.attempt, 1);
    }
    let report = run.stop().await;
    assert_eq!((report.handled, report.is_clean()), (1000, true), "{report:?}");
    until("the broker knows", async || {
        let lag = bus.lag(JOURNEY).await.expect("a consumer");
        lag.pending == 0 && lag.unsettled == 0
    })
    .await;
    assert!(sightings.try_recv().is_err(), "one was handled twice");
}

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tidings::{BreakerState, RetryAfter, Subscription as _, Tidings};
use tokio::time::Instant;

use super::on_both_brokers;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Running, Tracker, courier, next, sent, until};

on_both_brokers!(
    while_nothing_works_fetching_pauses_and_attempts_are_not_spent,
    a_poison_event_among_good_ones_pauses_nothing,
    what_waits_for_the_pause_to_end_is_handed_back_at_the_end,
    who_tries_it_and_learns_nothing_lets_the_next_one_try,
    what_fails_in_its_place_leaves_room_for_what_fails_after_it,
);

async fn while_nothing_works_fetching_pauses_and_attempts_are_not_spent(bus: Tidings) {
    const EVENTS: u64 = 30;
    // Those that open it, and some probes; the last ones of eight in hand may fail beside them.
    const FAILURES: u64 = 9;
    let calls = AtomicU64::new(0);
    let (tracker, mut sightings) = Tracker::new(move |_| {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        async move {
            if call < FAILURES {
                Err(std::io::Error::other("the dependency is off"))?;
            }
            Ok(())
        }
    });
    for step in 0..EVENTS {
        courier(&bus).parcel_sent(sent(&format!("p-{step}"), step)).await.expect("stored");
    }
    let run = Running::start(bus.run(tracking::Careful::subscriber(tracker)));
    until("it pauses", async || {
        let state = bus.breaker(tracking::careful::Subscription::SPEC);
        matches!(state, Some(BreakerState::Open { .. }))
    })
    .await;
    let mut attempts: BTreeMap<u64, u64> = BTreeMap::new();
    for _ in 0..EVENTS + FAILURES {
        let seen = next(&mut sightings).await;
        attempts.insert(seen.step, seen.attempt);
    }
    bus.idle(tracking::careful::Subscription::SPEC).await.expect("idle");
    let state = bus.breaker(tracking::careful::Subscription::SPEC);
    assert_eq!(state, Some(BreakerState::Closed { failures: 0 }));
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (EVENTS, 0));
    assert_eq!(report.retried, FAILURES);
    // Only those that failed before the pause have another delivery behind them.
    let spent: u64 = attempts.values().map(|attempt| attempt - 1).sum();
    assert!(spent <= 4, "{attempts:?}");
}

async fn a_poison_event_among_good_ones_pauses_nothing(bus: Tidings) {
    let spec = tracking::careful::Subscription::SPEC;
    let (watched, paused) = (bus.clone(), Arc::new(AtomicBool::new(false)));
    let noted = Arc::clone(&paused);
    let (tracker, _sightings) = Tracker::new(move |seen| {
        let is_open = matches!(watched.breaker(spec), Some(BreakerState::Open { .. }));
        noted.fetch_or(is_open, Ordering::Relaxed);
        async move {
            if seen.parcel == "poison" {
                Err(std::io::Error::other("never"))?;
            }
            Ok(())
        }
    });
    let run = Running::start(bus.run(tracking::Careful::subscriber(tracker)));
    for step in 0..20 {
        let parcel = if step % 10 == 3 { "poison" } else { "good" };
        courier(&bus).parcel_sent(sent(parcel, step)).await.expect("stored");
    }
    bus.idle(spec).await.expect("idle");
    assert!(!paused.load(Ordering::Relaxed));
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (18, 2));
}

async fn what_waits_for_the_pause_to_end_is_handed_back_at_the_end(bus: Tidings) {
    let (tracker, mut sightings) =
        Tracker::new(async |_| Err(std::io::Error::other("the dependency is off"))?);
    for step in 0..12 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    let run = Running::start(bus.run(tracking::Careful::subscriber(tracker)));
    for _ in 0..6 {
        next(&mut sightings).await;
    }
    let report = run.stop().await;
    assert!(report.is_clean() && report.handed_back > 0, "{report:?}");
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Careful::subscriber(tracker)));
    for _ in 0..12 {
        next(&mut sightings).await;
    }
    assert_eq!(run.stop().await.handled, 12);
}

/// The promise as it is written down, with the settings that hold where a catalog says nothing.
#[tokio::test(start_paused = true)]
async fn a_dependency_that_is_off_for_a_minute_costs_no_event() {
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let works_from = Instant::now() + Duration::from_secs(60);
    let (tracker, mut sightings) = Tracker::new(move |seen| async move {
        if seen.at < works_from {
            Err(std::io::Error::other("the dependency is off"))?;
        }
        Ok(())
    });
    for step in 0..200 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    bus.idle(tracking::journey::Subscription::SPEC).await.expect("idle");
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (200, 0));
    let mut failed = 0;
    while let Ok(seen) = sightings.try_recv() {
        failed += u64::from(seen.at < works_from);
    }
    // Eight at once, and one after each pause of 1, 2, 4 … 32 seconds, or somewhat less.
    assert!((8..8 + 12).contains(&failed), "{failed} calls for nothing");
}

/// Where order counts, an event that is to be tried much later waits in its place, but not in that of the others.
async fn who_tries_it_and_learns_nothing_lets_the_next_one_try(bus: Tidings) {
    const EVENTS: u64 = 12;
    let spec = tracking::in_order::Subscription::SPEC;
    let (watched, asked) = (bus.clone(), Arc::new(AtomicBool::new(false)));
    let (tracker, _sightings) = Tracker::new(move |_| {
        let state = watched.breaker(spec);
        let is_first =
            matches!(state, Some(BreakerState::HalfOpen)) && !asked.swap(true, Ordering::Relaxed);
        let is_off = !asked.load(Ordering::Relaxed);
        async move {
            if is_first {
                Err(RetryAfter::new(Duration::from_secs(3600), "busy"))?;
            }
            if is_off {
                Err(std::io::Error::other("the dependency is off"))?;
            }
            Ok(())
        }
    });
    let run = Running::start(bus.run(tracking::InOrder::subscriber(tracker)));
    for step in 0..EVENTS {
        courier(&bus).parcel_sent(sent(&format!("p-{step}"), step)).await.expect("stored");
    }
    until("all the others are handled", async || {
        let lag = bus.lag(spec).await.expect("a consumer");
        (lag.pending, lag.unsettled) == (0, 1)
    })
    .await;
    let report = run.stop().await;
    assert_eq!((report.handled, report.handed_back), (EVENTS - 1, 1));
}

/// Where order counts, what fails stays in hand: it is noticed all the same that what comes later fails too.
async fn what_fails_in_its_place_leaves_room_for_what_fails_after_it(bus: Tidings) {
    let spec = tracking::in_order::Subscription::SPEC;
    let (tracker, mut sightings) =
        Tracker::new(async |_| Err(std::io::Error::other("the dependency is off"))?);
    let run = Running::start(bus.run(tracking::InOrder::subscriber(tracker)));
    let is_open = || matches!(bus.breaker(spec), Some(BreakerState::Open { .. }));
    let failures = u64::from(spec.breaker.expect("one").failures);
    for step in 0..failures {
        let parcel = format!("p-{step}");
        courier(&bus).parcel_sent(sent(&parcel, step)).await.expect("stored");
        // The next one comes when this one has failed, others again meanwhile.
        while next(&mut sightings).await.parcel != parcel {}
    }
    until("it pauses", async || is_open()).await;
    assert!(run.stop().await.is_clean());
}

//! How often a handler sees an event, whatever happens to its delivery and its acknowledgement.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tidings::testing::Fault;
use tidings::{BrokerError, Reason, RetryAfter, RunError, Subscription as _};
use tokio::sync::Notify;

use super::{broker, settled};
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Running, Tracker, courier, next, sent, until};

const SHORT: Duration = Duration::from_millis(300);
/// Longer than the subscription's ack wait.
const LONG: Duration = Duration::from_secs(3);

#[tokio::test(start_paused = true)]
async fn every_event_is_handled_and_none_more_often_than_it_must_be() {
    for (fault, attempts) in [
        (Fault::DeliveryLost, &[2][..]),
        (Fault::DeliveryDelayed(SHORT), &[1]),
        (Fault::DeliveryDelayed(LONG), &[2, 1]),
        (Fault::DeliveryDuplicated, &[1, 2]),
        (Fault::DeliveryReordered, &[1]),
        (Fault::SettlementLost, &[1, 2]),
        (Fault::SettlementAnswerLost, &[1]),
        (Fault::Disconnect(SHORT), &[2]),
        (Fault::Disconnect(LONG), &[2]),
    ] {
        let (bus, faults) = broker().await;
        // Stored and armed before anybody looks, so that the fault strikes where it is to strike.
        courier(&bus).parcel_sent(sent("p-1", 1)).await.expect("stored");
        faults.inject(fault);
        let (tracker, mut sightings) = Tracker::content();
        let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
        let mut seen = Vec::new();
        for _ in attempts {
            let sighting = next(&mut sightings).await;
            assert_eq!(sighting.step, 1);
            seen.push(sighting.attempt);
        }
        assert_eq!((seen.as_slice(), faults.struck().as_slice()), (attempts, &[fault][..]));
        settled(&bus).await;
        run.stop().await;
        assert!(sightings.try_recv().is_err(), "{fault:?}: handled too often");
        let letters = bus.dead_letters(&CATALOG).all().await.expect("readable");
        assert!(letters.is_empty(), "{fault:?}: {letters:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_lost_with_an_acknowledgement_loses_no_event() {
    let (bus, faults) = broker().await;
    let strike = faults.clone();
    let (tracker, mut sightings) = Tracker::new(move |_| {
        let strike = strike.clone();
        async move {
            strike.inject(Fault::Disconnect(SHORT));
            Ok(())
        }
    });
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    assert_eq!(next(&mut sightings).await.attempt, 1);
    settled(&bus).await;
    assert_eq!(run.stop().await.handled, 1, "the acknowledgement is confirmed in a second try");
    assert!(sightings.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn later_deliveries_overtake_one_that_is_late() {
    let (bus, faults) = broker().await;
    let (tracker, mut sightings) = Tracker::content();
    for step in 0..3 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    faults.inject(Fault::DeliveryReordered);
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let mut steps = Vec::new();
    for _ in 0..3 {
        steps.push(next(&mut sightings).await.step);
    }
    assert_eq!(steps, [1, 0, 2]);
    run.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_given_back_is_not_overtaken_by_what_waits_behind_it() {
    let (bus, faults) = broker().await;
    let later = Duration::from_secs(3600);
    let (tracker, mut sightings) =
        Tracker::new(move |_| async move { Err(RetryAfter::new(later, "busy"))? });
    let run = Running::start(bus.run(tracking::InOrder::subscriber(tracker)));
    for step in 0..2 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    assert_eq!(next(&mut sightings).await.step, 0);
    until("the second one waits behind it", async || {
        let lag = bus.lag(tracking::in_order::Subscription::SPEC).await.expect("a consumer");
        (lag.pending, lag.unsettled) == (0, 2)
    })
    .await;
    faults.inject(Fault::SettlementLost);
    let report = run.stop().await;
    assert_eq!(faults.struck(), [Fault::SettlementLost]);
    assert!(sightings.try_recv().is_err(), "the second one was begun");
    assert_eq!((report.unconfirmed, report.handed_back), (1, 1), "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_crashed_instance_held_is_handled_by_the_next_one() {
    let (bus, faults) = broker().await;
    let (tracker, mut sightings) = Tracker::content();
    for step in 0..5 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    faults.inject(Fault::CrashBeforeAck);
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker.clone())));
    let RunError::Subscription { durable, source: BrokerError::Closed } = run.failed().await else {
        panic!("it ends like a crash");
    };
    assert_eq!(durable, tracking::journey::Subscription::SPEC.durable);
    let mut handled_by_the_dead = 0;
    while sightings.try_recv().is_ok() {
        handled_by_the_dead += 1;
    }
    assert!(handled_by_the_dead > 0);
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let mut steps = Vec::new();
    for _ in 0..5 {
        steps.push(next(&mut sightings).await.step);
    }
    steps.sort_unstable();
    assert_eq!(steps, [0, 1, 2, 3, 4], "none of them was acknowledged");
    settled(&bus).await;
    assert_eq!(run.stop().await.handled, 5);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_whose_answer_is_lost_is_one_dead_letter() {
    for fault in [Fault::PublishAnswerLost, Fault::SettlementLost, Fault::SettlementAnswerLost] {
        let (bus, faults) = broker().await;
        let (tracker, mut sightings) =
            Tracker::new(async |_| Err(tidings::Reject::because("not a parcel"))?);
        courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
        faults.inject(fault);
        let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
        next(&mut sightings).await;
        settled(&bus).await;
        run.stop().await;
        let letters = bus.dead_letters(&CATALOG).all().await.expect("readable");
        assert_eq!((letters.len(), faults.struck()), (1, vec![fault]));
    }
}

/// What was out when the process died was not even begun, and its deliveries count nevertheless.
#[tokio::test(start_paused = true)]
async fn an_event_that_kills_its_process_takes_no_other_along() {
    const KILLS: u64 = 3;
    let (bus, _) = broker().await;
    let mut ids = Vec::new();
    for step in 0..8 {
        ids.push(courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored").id);
    }
    let mut handled = BTreeSet::new();
    loop {
        let (dead, died) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let (is_dead, dies) = (Arc::clone(&dead), Arc::clone(&died));
        let (done, mut handling) = tokio::sync::mpsc::unbounded_channel();
        let (tracker, _sightings) = Tracker::new(move |seen| {
            let (is_dead, dies, done) = (Arc::clone(&is_dead), Arc::clone(&dies), done.clone());
            async move {
                is_dead.fetch_or(seen.step == KILLS, Ordering::Relaxed);
                if is_dead.load(Ordering::Relaxed) {
                    dies.notify_one();
                    std::future::pending::<()>().await;
                }
                let _ = done.send(seen.step);
                Ok(())
            }
        });
        let run = bus.run(tracking::Journey::subscriber(tracker));
        let process = tokio::spawn(run.until(std::future::pending::<()>()));
        tokio::select! {
            () = died.notified() => {}
            () = settled(&bus) => {}
        }
        process.abort();
        let _ = process.await;
        while let Some(step) = handling.recv().await {
            handled.insert(step);
        }
        if !dead.load(Ordering::Relaxed) {
            break;
        }
    }
    let letters = bus.dead_letters(&CATALOG).all().await.expect("readable");
    let [letter] = letters.as_slice() else { panic!("one dead letter, not {letters:?}") };
    assert_eq!(letter.event_id.as_deref(), Some(ids[3].as_str()));
    assert_eq!(letter.reason, Some(Reason::Abandoned));
    assert_eq!(handled, BTreeSet::from([0, 1, 2, 4, 5, 6, 7]));
}

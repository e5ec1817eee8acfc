//! What a publisher is told, whatever happens to what it publishes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tidings::kv::{BucketConfig, KvError};
use tidings::testing::Fault;
use tidings::{
    Background, BreakerState, ConnectionState, Event as _, Outcome, PublishError, Subscription as _,
};
use tokio::time::Instant;

use super::{broker, lag};
use crate::fixture::catalog::{parcels, tracking};
use crate::fixture::{courier, sent, until};

const SHORT: Duration = Duration::from_millis(300);
/// Longer than an answer is waited for.
const LONG: Duration = Duration::from_secs(7);

#[tokio::test(start_paused = true)]
async fn an_event_is_stored_once_whatever_happens_to_it_on_the_way() {
    for fault in [
        Fault::PublishLost,
        Fault::PublishAnswerLost,
        Fault::PublishDelayed(SHORT),
        Fault::PublishDelayed(LONG),
        Fault::DiskFull,
        Fault::PublishContended,
        Fault::Disconnect(SHORT),
        Fault::Disconnect(LONG),
    ] {
        let (bus, faults) = broker().await;
        faults.inject(fault);
        let published = courier(&bus).parcel_sent(sent("p-1", 0)).await;
        let published = published.unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
        assert!(!published.duplicate, "{fault:?}");
        assert_eq!(faults.struck(), [fault]);
        // What is still on its way arrives.
        tokio::time::sleep(LONG).await;
        assert_eq!(lag(&bus).await.pending, 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_enqueued_event_is_stored_once_too() {
    let (bus, faults) = broker().await;
    for fault in [Fault::PublishLost, Fault::PublishAnswerLost, Fault::PublishDelayed(LONG)] {
        faults.inject(fault);
    }
    let mut receipts = Vec::new();
    for step in 0..10 {
        receipts.push(courier(&bus).parcel_sent(sent("p-1", step)).enqueue().await.expect("sent"));
    }
    for receipt in receipts {
        assert!(!receipt.await.expect("stored").duplicate);
    }
    tokio::time::sleep(LONG).await;
    assert_eq!(lag(&bus).await.pending, 10);
}

#[tokio::test(start_paused = true)]
async fn the_event_that_was_expected_is_told_from_one_that_came_before_it() {
    let lost = [Fault::PublishLost, Fault::PublishAnswerLost, Fault::PublishDelayed(LONG)];
    for fault in lost.into_iter().chain([Fault::PublishContended]) {
        let (bus, faults) = broker().await;
        faults.inject(fault);
        let own = courier(&bus).parcel_sent(sent("p-1", 0)).expect_last_sequence(0).await;
        assert_eq!(own.expect("stored, and known to be").sequence, Some(1), "{fault:?}");
        let late = courier(&bus).parcel_sent(sent("p-1", 1)).expect_last_sequence(0).await;
        assert!(matches!(late, Err(PublishError::Conflict { last: 1, .. })), "{late:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_is_called_unknown() {
    let (bus, faults) = broker().await;
    let begun = Instant::now();
    for _ in 0..100 {
        faults.inject(Fault::PublishAnswerLost);
    }
    let error = courier(&bus).parcel_sent(sent("p-1", 0)).await.expect_err("no word came");
    assert!(error.is_unknown(), "{error:?}");
    assert_eq!(lag(&bus).await.pending, 1, "it is stored, and could not be known to be");
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_stays_full_is_a_refusal() {
    let (bus, faults) = broker().await;
    for _ in 0..100 {
        faults.inject(Fault::DiskFull);
    }
    let error = courier(&bus).parcel_sent(sent("p-1", 0)).await.expect_err("refused");
    assert!(matches!(error, PublishError::Rejected { .. }), "{error:?}");
    let reason = std::error::Error::source(&error).expect("a reason").to_string();
    assert!(reason.contains("10077"), "{reason}");
    assert_eq!(lag(&bus).await.pending, 0);
}

#[tokio::test(start_paused = true)]
async fn publishers_wait_for_a_connection_and_the_state_shows() {
    let (bus, faults) = broker().await;
    assert_eq!(bus.connection_state(), ConnectionState::Connected(1));
    faults.disconnect();
    assert_eq!(bus.connection_state(), ConnectionState::Disconnected);
    let publisher = courier(&bus);
    let publishing = tokio::spawn(async move { publisher.parcel_sent(sent("p-1", 0)).await });
    let error = bus.ping().await.expect_err("nobody there");
    assert!(error.to_string().contains("did not answer"), "{error}");
    assert!(!publishing.is_finished());
    faults.reconnect();
    assert_eq!(bus.connection_state(), ConnectionState::Connected(2));
    publishing.await.expect("no panic").expect("stored");
    assert_eq!(lag(&bus).await.pending, 1);
}

#[tokio::test(start_paused = true)]
async fn in_a_long_absence_every_call_ends_in_a_known_outcome() {
    let (bus, faults) = broker().await;
    let publisher = courier(&bus);
    let publishing = tokio::spawn(async move {
        let (mut stored, mut absent) = (0, 0);
        for step in 0..90 {
            match publisher.parcel_sent(sent("p-1", step)).await {
                Ok(_) => stored += 1,
                // Nothing is sent without a connection.
                Err(error) if error.outcome() == Outcome::Rejected => absent += 1,
                Err(error) => panic!("{error:?}"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        (stored, absent)
    });
    tokio::time::sleep(Duration::from_secs(30)).await;
    faults.disconnect();
    tokio::time::sleep(Duration::from_secs(100)).await;
    faults.reconnect();
    let mut publishing = publishing;
    let (stored, absent) = (&mut publishing).await.expect("no panic");
    assert!(stored >= 60 && absent >= 1, "{stored} stored, {absent} not");
    until("all that was said to be stored is", async || lag(&bus).await.pending >= stored).await;
    assert_eq!(lag(&bus).await.pending, stored);
}

#[tokio::test(start_paused = true)]
async fn after_silence_publishes_fail_at_once_and_one_at_a_time_tries() {
    let (bus, faults) = broker().await;
    let publish = || {
        let publisher = courier(&bus);
        tokio::spawn(async move { publisher.parcel_sent(sent("p-1", 0)).await })
    };
    faults.disconnect();
    for publishing in [publish(), publish(), publish()] {
        publishing.await.expect("no panic").expect_err("nobody there");
    }
    let begun = Instant::now();
    let error = publish().await.expect("no panic").expect_err("open");
    assert!(matches!(error, PublishError::CircuitOpen { probe_in: Some(_), .. }), "{error:?}");
    let BreakerState::Open { probe_in } = bus.publish_breaker() else {
        panic!("{:?}", bus.publish_breaker());
    };
    tokio::time::sleep(probe_in).await;
    let probe = publish();
    until("one tries", async || bus.publish_breaker() == BreakerState::HalfOpen).await;
    let error = publish().await.expect("no panic").expect_err("one at a time");
    assert!(matches!(error, PublishError::CircuitOpen { probe_in: None, .. }), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(2), "at once: {:?}", begun.elapsed());
    faults.reconnect();
    probe.await.expect("no panic").expect("it is back");
    assert_eq!(bus.publish_breaker(), BreakerState::Closed { failures: 0 });
    publish().await.expect("no panic").expect("stored");
    assert_eq!(lag(&bus).await.pending, 2, "what was told to be unsent was not sent");
}

#[tokio::test(start_paused = true)]
async fn what_is_published_in_the_background_waits_out_an_absence() {
    let (bus, faults) = broker().await;
    faults.disconnect();
    let wait = Background::default().capacity(2000);
    bus.set_background(wait);
    for step in 0..2000 {
        courier(&bus).parcel_sent(sent("p-1", step)).in_background().expect("room");
    }
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(bus.background_counts().waiting, 2000);
    faults.reconnect();
    bus.flush().await;
    assert_eq!(lag(&bus).await.pending, 2000);
}

#[tokio::test(start_paused = true)]
async fn events_that_belong_together_are_stored_once_whatever_happens_to_them_on_the_way() {
    for fault in [
        Fault::PublishLost,
        Fault::PublishAnswerLost,
        Fault::PublishDelayed(SHORT),
        Fault::PublishDelayed(LONG),
        Fault::DiskFull,
        Fault::PublishContended,
        Fault::Disconnect(SHORT),
        Fault::Disconnect(LONG),
    ] {
        for expected in [None, Some(0)] {
            let (bus, faults) = broker().await;
            faults.inject(fault);
            let publisher = courier(&bus);
            let first = publisher.parcel_sent(sent("p-1", 0));
            let first = match expected {
                Some(sequence) => first.expect_last_sequence(sequence),
                None => first,
            };
            let second = publisher.parcel_sent(sent("p-1", 1));
            let published = publisher.atomically().add(first).add(second).await;
            let published = published.unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
            assert!(published.iter().all(|one| !one.duplicate), "{fault:?}: {published:?}");
            let places: Vec<_> = published.iter().map(|one| one.sequence).collect();
            assert_eq!(places, [Some(1), Some(2)], "{fault:?}");
            assert_eq!(faults.struck(), [fault]);
            tokio::time::sleep(LONG).await;
            assert_eq!(lag(&bus).await.pending, 2, "{fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_of_which_a_copy_is_stored_is_not_called_refused() {
    let (bus, faults) = broker().await;
    let measured: parcels::v3::ParcelMeasured =
        serde_json::from_str(parcels::v3::ParcelMeasured::SPEC.examples[0]).expect("one");
    faults.inject(Fault::DiskFull);
    let receipt = courier(&bus).publish(measured).enqueue().await.expect("sent");
    // The first of three is refused until the deadline; the others are stored.
    for _ in 0..100 {
        faults.inject(Fault::DiskFull);
    }
    let error = receipt.await.expect_err("not in every version");
    assert!(matches!(error, PublishError::Incomplete { .. }), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    let newest = tracking::third_weights::Subscription::SPEC;
    assert!(bus.lag(newest).await.expect("a consumer").pending > 0);
}

#[tokio::test(start_paused = true)]
async fn schedules_wait_out_a_short_absence() {
    let (bus, faults) = broker().await;
    let absence = async || {
        faults.disconnect();
        tokio::time::sleep(Duration::from_secs(12)).await;
        faults.reconnect();
    };
    let publisher = courier(&bus);
    let hour = tidings::Timestamp::now() + Duration::from_secs(3600);
    let schedule = publisher.parcel_sent(sent("p-1", 0)).publish_at(hour);
    let ((), scheduled) = tokio::join!(absence(), schedule);
    let id = scheduled.expect("scheduled").id;
    let cancel = publisher.cancel::<parcels::ParcelSent>(&id);
    let ((), cancelled) = tokio::join!(absence(), cancel);
    assert!(cancelled.expect("an answer"));
}

#[tokio::test(start_paused = true)]
async fn a_flush_waits_for_what_came_before_it_and_holds_up_nobody() {
    let (bus, faults) = broker().await;
    let publisher = courier(&bus);
    faults.inject(Fault::PublishDelayed(LONG / 2));
    let slow = publisher.parcel_sent(sent("p-1", 0)).enqueue().await.expect("sent");
    let begun = Instant::now();
    let flush = tokio::spawn({
        let bus = bus.clone();
        async move { bus.flush().await }
    });
    tokio::time::sleep(SHORT).await;
    let later = publisher.parcel_sent(sent("p-1", 1)).enqueue();
    let later = tokio::time::timeout(SHORT, later).await.expect("at once").expect("sent");
    later.await.expect("stored");
    assert!(!flush.is_finished());
    flush.await.expect("no panic");
    assert!(begun.elapsed() >= LONG / 2, "{:?}", begun.elapsed());
    slow.await.expect("stored");
}

#[tokio::test(start_paused = true)]
async fn a_flush_ends_while_others_go_on_publishing() {
    let (bus, faults) = broker().await;
    for _ in 0..200 {
        faults.inject(Fault::PublishDelayed(SHORT));
    }
    let publisher = courier(&bus);
    publisher.parcel_sent(sent("p-1", 0)).in_background().expect("room");
    let publishing = tokio::spawn(async move {
        for step in 1..100 {
            publisher.parcel_sent(sent("p-1", step)).in_background().expect("room");
            let receipt = publisher.parcel_sent(sent("p-2", step)).enqueue().await.expect("sent");
            drop(receipt);
            tokio::time::sleep(SHORT / 3).await;
        }
    });
    tokio::time::sleep(SHORT / 2).await;
    let begun = Instant::now();
    bus.flush().await;
    assert!(begun.elapsed() < 3 * SHORT, "{:?}", begun.elapsed());
    publishing.await.expect("no panic");
    bus.flush().await;
    assert_eq!(lag(&bus).await.pending, 199);
}

#[tokio::test(start_paused = true)]
async fn whoever_enqueues_in_a_loop_lets_others_run() {
    let (bus, _) = broker().await;
    let turns = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&turns);
    let other = tokio::spawn(async move {
        loop {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    for step in 0..1000 {
        drop(courier(&bus).parcel_sent(sent("p-1", step)).enqueue().await.expect("sent"));
    }
    other.abort();
    assert!(turns.load(Ordering::Relaxed) > 3, "{turns:?}");
}

#[tokio::test(start_paused = true)]
async fn copies_take_places_of_their_own_on_the_way() {
    let (bus, faults) = broker().await;
    for _ in 0..1100 {
        faults.inject(Fault::PublishDelayed(LONG / 2));
    }
    let measured = || -> parcels::v3::ParcelMeasured {
        serde_json::from_str(parcels::v3::ParcelMeasured::SPEC.examples[0]).expect("one")
    };
    let mut sent = 0;
    while tokio::time::timeout(SHORT, courier(&bus).publish(measured()).enqueue()).await.is_ok() {
        sent += 1;
    }
    assert_eq!(sent, 1024 / 3);
}

#[tokio::test(start_paused = true)]
async fn a_key_is_written_once_whatever_happens_to_it_on_the_way() {
    for fault in [
        Fault::PublishLost,
        Fault::PublishAnswerLost,
        Fault::PublishDelayed(LONG),
        Fault::PublishContended,
        Fault::Disconnect(SHORT),
    ] {
        let (bus, faults) = broker().await;
        let bucket = bus.ensure_bucket(&BucketConfig::new("places")).await.expect("a bucket");
        faults.inject(fault);
        let first = bucket.create("berlin", "a").await;
        assert_eq!(first.unwrap_or_else(|error| panic!("{fault:?}: {error:?}")), 1);
        faults.inject(fault);
        let second = bucket.update("berlin", "b", 1).await;
        assert_eq!(second.unwrap_or_else(|error| panic!("{fault:?}: {error:?}")), 2);
        let late = bucket.update("berlin", "c", 1).await;
        assert!(matches!(late, Err(KvError::Conflict { revision: 2, .. })), "{fault:?}: {late:?}");
    }
}

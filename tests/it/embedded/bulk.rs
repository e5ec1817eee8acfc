//! Loads to which something happens on their way.

use std::time::Duration;

use tidings::testing::{Fault, Faults};
use tidings::{BrokerError, Bulk, BulkError, Tidings};
use tokio::time::Instant;

use super::payloads::photo;
use super::{broker, lag};
use crate::fixture::catalog::photos::PhotoTaken;
use crate::fixture::{courier, sent};

async fn pending(bus: &Tidings) -> u64 {
    lag(bus).await.pending
}

/// Loads a number of events, of which one meets a fault, and gives how many are said to be stored, or perhaps are.
async fn loaded(
    bus: &Tidings,
    events: u64,
    struck: u64,
    strike: impl Fn(),
) -> (u64, u64, BrokerError) {
    let publisher = courier(bus);
    let mut load = publisher.bulk();
    for step in 0..events {
        if step == struck {
            strike();
        }
        match load.add(publisher.parcel_sent(sent("p-1", step))).await {
            Ok(()) => {}
            Err(BulkError::BrokenOff { stored, unknown, source }) => {
                return (stored, unknown, source);
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    if struck == events {
        strike();
    }
    match load.finish().await {
        Err(BulkError::BrokenOff { stored, unknown, source }) => (stored, unknown, source),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_stream_can_say_so_it_is_known_how_many_are_stored() {
    for fault in [Fault::DiskFull, Fault::PublishLost] {
        let (bus, faults) = broker().await;
        // Those behind it are on their way when that is heard, and are not stored.
        let (stored, unknown, source) = loaded(&bus, 900, 700, || faults.inject(fault)).await;
        assert_eq!((stored, unknown), (700, 0), "{source}");
        assert_eq!(pending(&bus).await, 700);
        assert_eq!(matches!(source, BrokerError::Refused { .. }), fault == Fault::DiskFull);
    }
}

#[tokio::test(start_paused = true)]
async fn with_the_connection_goes_the_word_of_what_was_on_its_way() {
    let (bus, faults) = broker().await;
    let lost = Fault::Disconnect(Duration::from_secs(1));
    let (stored, unknown, source) = loaded(&bus, 900, 700, || faults.inject(lost)).await;
    assert_eq!((stored, unknown), (500, 201), "the stream has spoken once: {source}");
    faults.reconnect();
    let there = pending(&bus).await;
    assert!((stored..=stored + unknown).contains(&there), "{there} are there");
}

#[tokio::test(start_paused = true)]
async fn of_an_end_without_an_answer_it_is_known_how_far_the_stream_had_come() {
    let away = Fault::Disconnect(Duration::from_secs(1));
    for fault in [Fault::PublishAnswerLost, Fault::PublishLost, away] {
        for (events, known) in [(3, 0), (700, 500)] {
            let (bus, faults) = broker().await;
            let end = || faults.inject(fault);
            let (stored, unknown, source) = loaded(&bus, events, events, end).await;
            assert_eq!((stored, unknown), (known, events - known), "{fault:?}: {source}");
            assert_eq!(matches!(source, BrokerError::TimedOut(_)), fault != away, "{source:?}");
            faults.reconnect();
            assert_eq!(pending(&bus).await, events, "{fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_to_the_end_is_waited_for() {
    let (bus, faults) = broker().await;
    let publisher = courier(&bus);
    let mut load = publisher.bulk();
    load.add(publisher.parcel_sent(sent("p-1", 0))).await.expect("added");
    faults.inject(Fault::PublishDelayed(Duration::from_secs(7)));
    assert_eq!(load.finish().await.expect("stored").last_sequence, Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_in_the_middle_and_a_delay_harm_nothing() {
    let (bus, faults) = broker().await;
    let publisher = courier(&bus);
    let mut load = publisher.bulk();
    faults.inject(Fault::PublishAnswerLost);
    faults.inject(Fault::PublishDelayed(Duration::from_secs(7)));
    faults.inject(Fault::PublishContended);
    for step in 0..600 {
        load.add(publisher.parcel_sent(sent("p-1", step))).await.expect("added");
    }
    assert_eq!(load.stored(), 500);
    assert_eq!(load.finish().await.expect("stored").events, 600);
    assert_eq!(faults.struck().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_load_belongs_to_one_connection() {
    let (bus, faults) = broker().await;
    let publisher = courier(&bus);
    let mut load = publisher.bulk();
    load.add(publisher.parcel_sent(sent("p-1", 0))).await.expect("added");
    faults.disconnect();
    faults.reconnect();
    let error = load.add(publisher.parcel_sent(sent("p-1", 1))).await.expect_err("another one");
    assert!(matches!(error, BulkError::BrokenOff { stored: 0, unknown: 1, .. }), "{error:?}");
    assert!(error.to_string().contains("nobody knows whether its events up to 1"), "{error}");
}

/// A photograph whose payload is in its message.
fn small() -> PhotoTaken {
    PhotoTaken { photo_id: "f-1".to_owned(), pixels: "x".to_owned(), turned: 0 }
}

/// How many payloads lie beside their messages.
async fn aside(bus: &Tidings) -> usize {
    let objects = bus.objects("PHOTOS_EVENTS_payloads").expect("a name");
    objects.list().await.expect("readable").len()
}

/// Begins a load of which the first event is stored, and of those behind it nothing is, which nobody has heard yet.
async fn lost_behind_the_first(bus: &Tidings, faults: &Faults, large: usize) -> Bulk {
    let publisher = courier(bus);
    let mut load = publisher.bulk();
    load.add(publisher.photo_taken(photo(0))).await.expect("added");
    faults.inject(Fault::PublishLost);
    load.add(publisher.photo_taken(small())).await.expect("on its way");
    for _ in 0..large {
        load.add(publisher.photo_taken(photo(1))).await.expect("on its way");
    }
    load
}

#[tokio::test(start_paused = true)]
async fn payloads_stay_beside_what_is_stored_and_no_others() {
    let (bus, faults) = broker().await;
    let load = lost_behind_the_first(&bus, &faults, 40).await;
    assert_eq!(aside(&bus).await, 82, "each event has a copy in version 1");
    let finished = load.finish().await;
    assert!(
        matches!(finished, Err(BulkError::BrokenOff { stored: 1, unknown: 0, .. })),
        "{finished:?}"
    );
    assert_eq!(aside(&bus).await, 2);
}

#[tokio::test(start_paused = true)]
async fn whether_events_are_stored_is_told_in_time_though_their_payloads_cannot_be_removed() {
    let (bus, faults) = broker().await;
    let load = lost_behind_the_first(&bus, &faults, 40).await;
    faults.randomly(7, [(Fault::PublishLost, 1.0)]);
    let begun = Instant::now();
    let finished = load.finish().await;
    assert!(
        matches!(finished, Err(BulkError::BrokenOff { stored: 1, unknown: 0, .. })),
        "{finished:?}"
    );
    // All of them would take longer, each of them five seconds.
    let took = begun.elapsed();
    assert!((5..=10).contains(&took.as_secs()), "{took:?}");
    faults.stop();
    assert_eq!(aside(&bus).await, 82, "they stay until they are too old");
}

#[tokio::test(start_paused = true)]
async fn an_add_that_is_given_up_while_the_load_breaks_off_begins_no_other() {
    let (bus, faults) = broker().await;
    let publisher = courier(&bus);
    let mut load = lost_behind_the_first(&bus, &faults, 1).await;
    // Two messages each: the stream is heard with the next event.
    for _ in 3..250 {
        load.add(publisher.photo_taken(small())).await.expect("on its way");
    }
    // A payload is removed, which takes a while.
    let removed = Fault::PublishDelayed(Duration::from_secs(3));
    faults.inject(removed);
    let late = load.add(publisher.photo_taken(small()));
    tokio::time::timeout(Duration::from_secs(1), late).await.expect_err("given up");
    assert!(faults.struck().contains(&removed), "{:?}", faults.struck());

    let next = load.add(publisher.photo_taken(photo(2))).await;
    let Err(BulkError::BrokenOff { stored: 1, unknown: 0, source }) = next else {
        panic!("{next:?}");
    };
    assert!(source.to_string().contains("lost on its way"), "what it broke off by: {source}");
    let finished = load.finish().await;
    assert!(
        matches!(finished, Err(BulkError::BrokenOff { stored: 1, unknown: 0, .. })),
        "{finished:?}"
    );
}

//! Loads to which something happens on their way.

use std::time::Duration;

use tidings::testing::{self, Fault};
use tidings::{BrokerError, BulkError, Subscription as _, Tidings};

use super::payloads::photo;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{courier, sent};

async fn pending(bus: &Tidings) -> u64 {
    bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer").pending
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
        let (bus, faults) = testing::embedded();
        bus.ensure(&CATALOG).await.expect("the catalog fits");
        let (stored, unknown, source) = loaded(&bus, 900, 700, || faults.inject(fault)).await;
        assert_eq!((stored, unknown), (700, 0), "{source}");
        assert_eq!(pending(&bus).await, 700);
        assert_eq!(matches!(source, BrokerError::Refused { .. }), fault == Fault::DiskFull);
    }
}

#[tokio::test(start_paused = true)]
async fn with_the_connection_goes_the_word_of_what_was_on_its_way() {
    let (bus, faults) = testing::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let lost = Fault::Disconnect(Duration::from_secs(1));
    let (stored, unknown, source) = loaded(&bus, 900, 700, || faults.inject(lost)).await;
    assert_eq!((stored, unknown), (500, 201), "the stream has spoken once: {source}");
    faults.reconnect();
    let there = pending(&bus).await;
    assert!((stored..=stored + unknown).contains(&there), "{there} are there");
}

#[tokio::test(start_paused = true)]
async fn an_end_without_an_answer_is_unknown() {
    let (bus, faults) = testing::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let lost = || faults.inject(Fault::PublishAnswerLost);
    let (stored, unknown, source) = loaded(&bus, 3, 3, lost).await;
    assert_eq!((stored, unknown), (0, 3));
    assert!(matches!(source, BrokerError::TimedOut(_)), "{source:?}");
    assert_eq!(pending(&bus).await, 3);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_in_the_middle_and_a_delay_harm_nothing() {
    let (bus, faults) = testing::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
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
    let (bus, faults) = testing::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let publisher = courier(&bus);
    let mut load = publisher.bulk();
    load.add(publisher.parcel_sent(sent("p-1", 0))).await.expect("added");
    faults.disconnect();
    faults.reconnect();
    let error = load.add(publisher.parcel_sent(sent("p-1", 1))).await.expect_err("another one");
    assert!(matches!(error, BulkError::BrokenOff { stored: 0, unknown: 1, .. }), "{error:?}");
    assert!(error.to_string().contains("nobody knows whether its events up to 1"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_add_that_is_given_up_while_the_load_breaks_off_begins_no_other() {
    let on_time = Fault::PublishDelayed(Duration::ZERO);
    let (bus, faults) = testing::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    (0..100).for_each(|_| faults.inject(on_time));
    courier(&bus).bulk().add(courier(&bus).photo_taken(photo(0))).await.expect("added");
    // All but the event and its copy in an older version are of their payloads.
    let beside = faults.struck().len() - 2;

    let (bus, faults) = testing::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let publisher = courier(&bus);
    let mut load = publisher.bulk();
    load.add(publisher.photo_taken(photo(0))).await.expect("added");
    (0..beside).for_each(|_| faults.inject(on_time));
    faults.inject(Fault::PublishLost);
    // Its payloads are removed, which takes a while.
    faults.inject(Fault::PublishDelayed(Duration::from_secs(3)));
    let lost = load.add(publisher.photo_taken(photo(1)));
    tokio::time::timeout(Duration::from_secs(1), lost).await.expect_err("given up");
    assert!(faults.struck().contains(&Fault::PublishLost), "{:?}", faults.struck());

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

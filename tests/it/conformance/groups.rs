//! Events that wait for the same stream and are stored together: nobody can tell, except the disk.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use tidings::testing::{self, Fault};
use tidings::{Outcome, PublishError, Published, Receipt, Subscription as _, Tidings};

use super::{on_both_brokers, too_old};
use crate::fixture::catalog::tracking;
use crate::fixture::{courier, sent};

on_both_brokers!(
    embedded by super::in_no_hurry();
    enqueued_events_are_stored_in_order_each_with_its_place,
    events_that_are_awaited_side_by_side_have_their_own_words,
    a_duplicate_takes_nothing_from_the_others,
    an_expectation_fails_alone,
    what_goes_all_or_nothing_keeps_its_place,
    it_can_be_switched_while_events_are_on_their_way,
);

/// An embedded broker whose answers take a while: otherwise nothing would ever be on its way, and nothing stand in line.
fn in_no_hurry() -> Tidings {
    let (bus, faults) = testing::embedded();
    faults.randomly(7, [(Fault::PublishDelayed(Duration::from_millis(1)), 1.0)]);
    bus
}

fn grouping(bus: &Tidings) -> tidings_tests::catalog::courier::Publisher {
    bus.set_group_commit(true);
    courier(bus)
}

async fn pending(bus: &Tidings) -> u64 {
    bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer").pending
}

async fn words(receipts: Vec<Receipt>) -> Vec<Published> {
    let words = join_all(receipts).await.into_iter();
    words.map(|word| word.expect("stored")).collect()
}

async fn enqueued_events_are_stored_in_order_each_with_its_place(bus: Tidings) {
    let publisher = grouping(&bus);
    let mut receipts = Vec::new();
    for step in 0..3000 {
        receipts.push(publisher.parcel_sent(sent("p-1", step)).enqueue().await.expect("sent"));
    }
    for (index, published) in words(receipts).await.into_iter().enumerate() {
        assert_eq!((published.sequence, published.duplicate), (Some(index as u64 + 1), false));
    }
    assert_eq!(pending(&bus).await, 3000);
}

async fn events_that_are_awaited_side_by_side_have_their_own_words(bus: Tidings) {
    let publisher = grouping(&bus);
    let events = (0..300).map(|step| publisher.parcel_sent(sent("p-1", step)).into_future());
    let published = join_all(events).await.into_iter().map(|word| word.expect("stored"));
    let places: BTreeSet<Option<u64>> = published.map(|published| published.sequence).collect();
    assert_eq!(places, (1..=300).map(Some).collect());
}

async fn a_duplicate_takes_nothing_from_the_others(bus: Tidings) {
    let publisher = grouping(&bus);
    // Some were stored before, one comes twice at once.
    let is_known = |step: u64| step.is_multiple_of(37);
    for step in (0..400).filter(|step| is_known(*step)) {
        let event = publisher.parcel_sent(sent("p-1", step)).id(format!("id-{step}"));
        assert_eq!(event.await.expect("stored").outcome(), Outcome::Stored);
    }
    let mut receipts = Vec::new();
    for step in (0..400).chain([399]) {
        let event = publisher.parcel_sent(sent("p-1", step)).id(format!("id-{step}"));
        receipts.push(event.enqueue().await.expect("sent"));
    }
    for (index, published) in words(receipts).await.into_iter().enumerate() {
        let known = index == 400 || is_known(index as u64);
        assert_eq!((published.duplicate, published.sequence.is_none()), (known, known), "{index}");
    }
    assert_eq!(pending(&bus).await, 400);
}

async fn an_expectation_fails_alone(bus: Tidings) {
    let publisher = grouping(&bus);
    let mut receipts = Vec::new();
    for step in 0..200 {
        let mut event = publisher.parcel_sent(sent(&format!("p-{step}"), step));
        match step {
            100 => event = event.expect_last_sequence(7),
            101 => event = event.expect_last_sequence(100),
            _ => {}
        }
        receipts.push(event.enqueue().await.expect("sent"));
    }
    for (index, word) in join_all(receipts).await.into_iter().enumerate() {
        match (index, word) {
            (100, word) => {
                assert!(matches!(word, Err(PublishError::Conflict { .. })), "{word:?}");
            }
            (_, word) => {
                let place = index as u64 + u64::from(index < 100);
                assert_eq!(word.expect("stored").sequence, Some(place), "{index}");
            }
        }
    }
    assert_eq!(pending(&bus).await, 199);
}

async fn what_goes_all_or_nothing_keeps_its_place(bus: Tidings) {
    let publisher = grouping(&bus);
    let mut receipts = Vec::new();
    for step in 0..200 {
        receipts.push(publisher.parcel_sent(sent("p-1", step)).enqueue().await.expect("sent"));
    }
    let mut together = publisher.atomically();
    for step in 200..203 {
        together = together.add(publisher.parcel_sent(sent("p-1", step)));
    }
    let together = together.await;
    if too_old(&together) {
        return;
    }
    let places: Vec<_> = together.expect("stored").iter().map(|one| one.sequence).collect();
    assert_eq!(places, [Some(201), Some(202), Some(203)]);
    assert_eq!(words(receipts).await.last().and_then(|last| last.sequence), Some(200));
}

async fn it_can_be_switched_while_events_are_on_their_way(bus: Tidings) {
    let publisher = courier(&bus);
    let mut receipts = Vec::new();
    for step in 0..1000 {
        bus.set_group_commit(step % 300 < 150);
        receipts.push(publisher.parcel_sent(sent("p-1", step)).enqueue().await.expect("sent"));
    }
    bus.flush().await;
    let places: BTreeSet<_> = words(receipts).await.iter().map(|one| one.sequence).collect();
    assert_eq!(places, (1..=1000).map(Some).collect());
}

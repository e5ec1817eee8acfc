use std::fmt::Debug;

use tidings::{BrokerError, Outcome, PublishError, Subscription as _, Tidings};

use super::on_both_brokers;
use crate::fixture::catalog::{courier, parcels, tracking};
use crate::fixture::{Running, Tracker, courier, next, sent};

on_both_brokers!(
    events_are_stored_side_by_side,
    where_one_expectation_fails_nothing_is_stored,
    the_same_again_is_a_duplicate,
    of_ids_that_are_known_in_part_nothing_is_stored,
    one_that_cannot_be_sent_keeps_all_from_being_sent,
    a_thousand_messages_go_together_and_no_more,
    copies_in_older_versions_belong_to_it,
    events_of_two_streams_are_refused,
);

/// Whether the server is too old; then it has been said, and is true.
pub(crate) fn too_old<T: Debug>(result: &Result<T, PublishError>) -> bool {
    let Err(PublishError::Rejected { source: BrokerError::ServerTooOld { server, .. }, .. }) =
        result
    else {
        return false;
    };
    let mut numbers = server.split('.').map(|number| number.parse().expect("a number"));
    let version: (u32, u32) = (numbers.next().expect("one"), numbers.next().expect("two"));
    assert!(version < (2, 12), "{server} is not too old");
    true
}

async fn pending(bus: &Tidings) -> u64 {
    bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer").pending
}

fn arrived(parcel: &str) -> parcels::ParcelArrived {
    parcels::ParcelArrived { parcel_id: parcel.into(), depot: "berlin".into() }
}

async fn events_are_stored_side_by_side(bus: Tidings) {
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let publisher = courier(&bus);
    let together = publisher
        .atomically()
        .add(publisher.parcel_sent(sent("p-1", 1)))
        .add(publisher.parcel_sent(sent("p-2", 2)).expect_last_sequence(0))
        .add(publisher.parcel_arrived(arrived("p-1")))
        .await;
    // The second one expects something of a subject that the first is on.
    assert!(matches!(together, Err(PublishError::NotFirst { .. })), "{together:?}");
    assert_eq!(pending(&bus).await, 0);
    let together = publisher
        .atomically()
        .add(publisher.parcel_sent(sent("p-1", 1)).expect_last_sequence(0))
        .add(publisher.parcel_sent(sent("p-2", 2)))
        .add(publisher.parcel_arrived(arrived("p-1")))
        .await;
    if too_old(&together) {
        return;
    }
    let published = together.expect("stored");
    let places: Vec<_> = published.iter().map(|one| one.sequence).collect();
    assert_eq!(places, [Some(1), Some(2), Some(3)]);
    let mut ids: Vec<String> = published.into_iter().map(|one| one.id).collect();
    for _ in 0..3 {
        let seen = next(&mut sightings).await;
        ids.retain(|id| *id != seen.id);
    }
    assert!(ids.is_empty(), "{ids:?}");
    run.stop().await;
    assert!(publisher.atomically().await.expect("nothing to do").is_empty());
}

async fn where_one_expectation_fails_nothing_is_stored(bus: Tidings) {
    let publisher = courier(&bus);
    publisher.parcel_sent(sent("p-1", 0)).await.expect("stored");
    let attempt = |last: u64| {
        publisher
            .atomically()
            .add(publisher.parcel_arrived(arrived("p-1")))
            .add(publisher.parcel_sent(sent("p-1", 1)).expect_last_sequence(last))
    };
    let late = attempt(0).await;
    if too_old(&late) {
        return;
    }
    assert!(matches!(late, Err(PublishError::Conflict { last: 1, .. })), "{late:?}");
    assert_eq!(pending(&bus).await, 1);
    attempt(1).await.expect("expected");
    assert_eq!(pending(&bus).await, 3);
}

async fn the_same_again_is_a_duplicate(bus: Tidings) {
    let publisher = courier(&bus);
    for (round, outcome) in [Outcome::Stored, Outcome::Duplicate].into_iter().enumerate() {
        let together = publisher
            .atomically()
            .add(publisher.parcel_sent(sent("p-1", 0)).id("a"))
            .add(publisher.parcel_arrived(arrived("p-1")).id("b"))
            .await;
        if too_old(&together) {
            return;
        }
        let published = together.expect("stored");
        assert!(published.iter().all(|one| one.outcome() == outcome), "{round}: {published:?}");
        assert_eq!(pending(&bus).await, 2, "{round}");
    }
    // Also where it expects what is no longer so.
    let again = publisher
        .atomically()
        .add(publisher.parcel_sent(sent("p-1", 0)).id("a").expect_last_sequence(0))
        .add(publisher.parcel_arrived(arrived("p-1")).id("b"));
    let published = again.await.expect("stored before");
    assert!(published.iter().all(|one| one.duplicate), "{published:?}");
}

async fn of_ids_that_are_known_in_part_nothing_is_stored(bus: Tidings) {
    let publisher = courier(&bus);
    publisher.parcel_sent(sent("p-1", 0)).id("a").await.expect("stored");
    for ids in [["a", "b"], ["b", "a"], ["b", "b"]] {
        let together = publisher
            .atomically()
            .add(publisher.parcel_sent(sent("p-1", 0)).id(ids[0]))
            .add(publisher.parcel_sent(sent("p-1", 1)).id(ids[1]))
            .await;
        if too_old(&together) {
            return;
        }
        let error = together.expect_err("not all are new");
        assert_eq!(error.outcome(), Outcome::Rejected, "{ids:?}: {error:?}");
        assert!(error.to_string().contains("id"), "{error}");
        assert_eq!(pending(&bus).await, 1, "{ids:?}");
    }
    // Asking whether the stream knows an id has not made it known.
    let single = publisher.parcel_sent(sent("p-1", 0)).id("b").await.expect("stored");
    assert!(!single.duplicate);
}

async fn one_that_cannot_be_sent_keeps_all_from_being_sent(bus: Tidings) {
    let (publisher, nobody) = (courier(&bus), courier::Publisher::new(&bus));
    let together = publisher
        .atomically()
        .add(publisher.parcel_sent(sent("p-1", 0)))
        .add(nobody.parcel_sent(sent("p-1", 1)));
    let error = together.await.expect_err("no organization");
    assert!(matches!(error, PublishError::NoOrganization { .. }), "{error:?}");
    let large = publisher
        .atomically()
        .add(publisher.parcel_sent(sent("p-1", 0)))
        .add(publisher.parcel_sent(sent(&"x".repeat(2 << 20), 1)))
        .await;
    if !too_old(&large) {
        let error = large.expect_err("two megabytes");
        assert!(
            matches!(&error, PublishError::Rejected { source: BrokerError::TooLarge { .. }, .. }),
            "{error:?}"
        );
    }
    assert_eq!(pending(&bus).await, 0);
}

async fn a_thousand_messages_go_together_and_no_more(bus: Tidings) {
    let publisher = courier(&bus);
    let many = |count: u64| {
        (0..count).fold(publisher.atomically(), |all, step| {
            all.add(publisher.parcel_sent(sent("p-1", step)))
        })
    };
    let error = many(1001).await.expect_err("too many");
    assert!(matches!(error, PublishError::TooMany { count: 1001, .. }), "{error:?}");
    let published = many(1000).await;
    if too_old(&published) {
        return;
    }
    assert_eq!(published.expect("stored").last().and_then(|last| last.sequence), Some(1000));
    assert_eq!(pending(&bus).await, 1000);
}

async fn copies_in_older_versions_belong_to_it(bus: Tidings) {
    use tidings::Event as _;

    let publisher = courier(&bus);
    let measured = parcels::v3::ParcelMeasured::SPEC.examples[0];
    let measured: parcels::v3::ParcelMeasured = serde_json::from_str(measured).expect("one");
    let together = publisher
        .atomically()
        .add(publisher.publish(measured))
        .add(publisher.parcel_sent(sent("p-1", 0)))
        .await;
    if too_old(&together) {
        return;
    }
    let published = together.expect("stored");
    let places: Vec<_> = published.iter().map(|one| one.sequence).collect();
    assert_eq!(places, [Some(3), Some(4)], "two copies come before");
}

async fn events_of_two_streams_are_refused(bus: Tidings) {
    use event_catalog::{orders, payments};
    use tidings::Event as _;

    bus.set_keys(tidings::encryption::MemoryKeys::new());
    let order = serde_json::from_str(orders::OrderCreated::SPEC.examples[0]).expect("an order");
    let paid = serde_json::from_str(payments::PaymentProcessed::SPEC.examples[0]).expect("paid");
    let orders = orders::Publisher::new(&bus).organization("acme");
    let payments = payments::Publisher::new(&bus).organization("acme");
    let together =
        orders.atomically().add(orders.order_created(order)).add(payments.payment_processed(paid));
    let error = together.await.expect_err("two streams");
    assert!(matches!(error, PublishError::SeveralStreams { .. }), "{error:?}");
    let words = error.to_string();
    assert!(words.contains("ORDERS") && words.contains("PAYMENTS"), "{words}");
}

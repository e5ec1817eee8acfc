use tidings::{BreakerState, BrokerError, Outcome, PublishError, Tidings};

use super::on_both_brokers;
use crate::fixture::catalog::{CATALOG, parcels, tracking};
use crate::fixture::{Running, Tracker, courier, next, sent};

on_both_brokers!(
    a_published_event_is_stored_and_handled,
    a_duplicate_is_suppressed,
    receipts_come_in_order,
    more_than_the_pipeline_holds_is_enqueued,
    an_id_stands_in_a_header,
    a_conflict_names_the_last_event,
    an_organization_is_required,
    a_subject_takes_no_wildcard,
    a_message_can_be_too_large,
    refusals_do_not_open_the_breaker,
    ensuring_twice_changes_nothing,
);

async fn a_published_event_is_stored_and_handled(bus: Tidings) {
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let published = courier(&bus).parcel_sent(sent("p-1", 3)).await.expect("stored");
    assert_eq!((published.sequence, published.duplicate), (Some(1), false));
    let seen = next(&mut sightings).await;
    assert_eq!((seen.parcel.as_str(), seen.step, seen.attempt), ("p-1", 3, 1));
    assert_eq!((seen.id, seen.sequence), (published.id, 1));
    let report = run.stop().await;
    assert_eq!(report.handled, 1, "{report:?}");
}

async fn a_duplicate_is_suppressed(bus: Tidings) {
    let publisher = courier(&bus);
    let first = publisher.parcel_sent(sent("p-1", 0)).id("same").await.expect("stored");
    let second = publisher.parcel_sent(sent("p-1", 0)).id("same").await.expect("stored before");
    assert!(!first.duplicate && second.duplicate);
    assert_eq!((first.outcome(), second.outcome()), (Outcome::Stored, Outcome::Duplicate));
    assert_eq!(bus.lag(tracking_spec()).await.expect("a consumer").pending, 1);
}

async fn receipts_come_in_order(bus: Tidings) {
    let publisher = courier(&bus);
    let mut receipts = Vec::new();
    for step in 0..500 {
        receipts.push(publisher.parcel_sent(sent("p-1", step)).enqueue().await.expect("sent"));
    }
    for (index, receipt) in receipts.into_iter().enumerate() {
        let published = receipt.await.expect("stored");
        assert_eq!(published.sequence, Some(index as u64 + 1));
    }
}

async fn more_than_the_pipeline_holds_is_enqueued(bus: Tidings) {
    let publisher = courier(&bus);
    let mut receipts = Vec::new();
    for step in 0..3000 {
        receipts.push(publisher.parcel_sent(sent("p-1", step)).enqueue().await.expect("sent"));
    }
    // The last one first: nobody has to await them in order.
    receipts.reverse();
    for receipt in receipts {
        receipt.await.expect("stored");
    }
    assert_eq!(bus.lag(tracking_spec()).await.expect("a consumer").pending, 3000);
}

async fn an_id_stands_in_a_header(bus: Tidings) {
    for id in ["", " a", "a\r\nb", "\0", &"x".repeat(256)] {
        let error = courier(&bus).parcel_sent(sent("p-1", 0)).id(id).await;
        assert!(matches!(error, Err(PublishError::Id { .. })), "{id:?}: {error:?}");
    }
    courier(&bus).parcel_sent(sent("p-1", 0)).id("Grüße").await.expect("stored");
}

async fn a_conflict_names_the_last_event(bus: Tidings) {
    let publisher = courier(&bus);
    let first = publisher.parcel_sent(sent("p-1", 0)).expect_last_sequence(0).await;
    assert_eq!(first.expect("nothing came before").sequence, Some(1));
    let late = publisher.parcel_sent(sent("p-1", 1)).expect_last_sequence(0).await;
    assert!(matches!(late, Err(PublishError::Conflict { last: 1, .. })), "{late:?}");
    assert_eq!(late.expect_err("a conflict").outcome(), Outcome::Conflict);
    let next = publisher.parcel_sent(sent("p-1", 1)).expect_last_sequence(1).await;
    assert_eq!(next.expect("expected").sequence, Some(2));
}

async fn an_organization_is_required(bus: Tidings) {
    let nobody = crate::fixture::catalog::courier::Publisher::new(&bus);
    let error = nobody.parcel_sent(sent("p-1", 0)).await.expect_err("no organization");
    assert!(matches!(error, PublishError::NoOrganization { .. }), "{error}");
    for organization in ["", "a.b", "*", ">", "a b"] {
        let error = courier(&bus).parcel_sent(sent("p-1", 0)).organization(organization).await;
        assert!(matches!(error, Err(PublishError::Subject(_))), "{organization:?}: {error:?}");
    }
}

async fn a_subject_takes_no_wildcard(bus: Tidings) {
    for depot in ["*", ">", "a.b", ""] {
        let event = parcels::ParcelArrived { parcel_id: "p-1".into(), depot: depot.into() };
        let error = courier(&bus).parcel_arrived(event).await;
        assert!(matches!(error, Err(PublishError::Subject(_))), "{depot:?}: {error:?}");
    }
    let event = parcels::ParcelArrived { parcel_id: "p-1".into(), depot: "berlin".into() };
    courier(&bus).parcel_arrived(event).await.expect("stored");
}

async fn a_message_can_be_too_large(bus: Tidings) {
    let attempt = async |name: usize| {
        let event = sent(&"x".repeat(name), 0);
        let time = tidings::Timestamp::UNIX_EPOCH;
        let published = courier(&bus).parcel_sent(event).id("same").time(time).await;
        let error = published.map(drop).err()?;
        assert_eq!(error.outcome(), Outcome::Rejected);
        match error {
            PublishError::Rejected { source: BrokerError::TooLarge { size, limit }, .. } => {
                Some((size, limit))
            }
            error => panic!("{error:?}"),
        }
    };
    // How much of it is something else is learnt from one that is too large.
    let name = 2 << 20;
    let (size, limit) = attempt(name).await.expect("two megabytes");
    let (more, _) = attempt(name + 1000).await.expect("two megabytes");
    assert_eq!(limit, 1 << 20);
    let times = (more - size) / 1000;
    let rest = size - times * name;
    let largest = (limit - rest) / times;
    assert_eq!(attempt(largest + 1).await, Some((rest + times * (largest + 1), limit)));
    assert_eq!(attempt(largest).await, None, "it just fits");
}

/// What the broker refuses says that it is there.
async fn refusals_do_not_open_the_breaker(bus: Tidings) {
    let publisher = courier(&bus);
    publisher.parcel_sent(sent("p-1", 0)).await.expect("stored");
    for _ in 0..10 {
        let late = publisher.parcel_sent(sent("p-1", 1)).expect_last_sequence(0).await;
        assert!(matches!(late, Err(PublishError::Conflict { .. })), "{late:?}");
        publisher.parcel_sent(sent(&"x".repeat(2 << 20), 0)).await.expect_err("two megabytes");
    }
    assert_eq!(bus.publish_breaker(), BreakerState::Closed { failures: 0 });
}

async fn ensuring_twice_changes_nothing(bus: Tidings) {
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    bus.ensure(&CATALOG).await.expect("the catalog still fits");
    assert_eq!(bus.lag(tracking_spec()).await.expect("a consumer").pending, 1);
}

fn tracking_spec() -> &'static tidings::catalog::SubscriptionSpec {
    <tracking::journey::Subscription as tidings::Subscription>::SPEC
}

use std::time::Duration;

use tidings::Tidings;
use tidings::catalog::{Catalog, StreamLimits, StreamSpec, Subscription as _, SubscriptionSpec};

use super::on_both_brokers;
use crate::fixture::catalog::{CATALOG, courier, tracking};
use crate::fixture::{Running, Tracker, courier, moved, next, sent, until};

on_both_brokers!(
    an_older_catalog_does_not_have_a_stream_keep_less,
    an_older_catalog_does_not_have_a_stream_forget_ids,
    an_older_catalog_takes_no_events_away,
    an_older_catalog_does_not_end_the_order_of_a_partition,
);

/// The catalog with other streams and subscriptions.
fn older(
    stream: impl Fn(&StreamSpec) -> StreamSpec,
    subscription: impl Fn(&SubscriptionSpec) -> SubscriptionSpec,
) -> &'static Catalog {
    let streams: Vec<StreamSpec> = CATALOG.streams.iter().map(stream).collect();
    let subscriptions: Vec<&'static SubscriptionSpec> = CATALOG
        .subscriptions
        .iter()
        .map(|spec| &*Box::leak(Box::new(subscription(spec))))
        .collect();
    Box::leak(Box::new(Catalog {
        name: CATALOG.name,
        streams: streams.leak(),
        events: CATALOG.events,
        subscriptions: subscriptions.leak(),
        payload_buckets: CATALOG.payload_buckets,
        buckets: CATALOG.buckets,
        dead_letters: CATALOG.dead_letters,
        advisories: CATALOG.advisories,
    }))
}

fn same_stream(spec: &StreamSpec) -> StreamSpec {
    with_limits(spec, spec.limits.clone())
}

fn with_limits(spec: &StreamSpec, limits: StreamLimits) -> StreamSpec {
    StreamSpec {
        name: spec.name,
        subjects: spec.subjects,
        ownership: spec.ownership,
        bulk: spec.bulk,
        limits,
        environments: &[],
    }
}

fn same_subscription(spec: &SubscriptionSpec) -> SubscriptionSpec {
    SubscriptionSpec { ..*spec }
}

async fn pending(bus: &Tidings) -> u64 {
    bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer").pending
}

async fn an_older_catalog_does_not_have_a_stream_keep_less(bus: Tidings) {
    let publisher = courier(&bus);
    for step in 0..10 {
        publisher.parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    let little = older(
        |spec| {
            let (max_age, max_bytes) = (Some(Duration::from_secs(1)), Some(2000));
            let duplicate_window = Duration::from_millis(500);
            let limits = StreamLimits { max_age, max_bytes, duplicate_window, ..spec.limits };
            with_limits(spec, limits)
        },
        same_subscription,
    );
    bus.ensure(little).await.expect("it fits");
    until("none is too much", async || pending(&bus).await == 10).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(pending(&bus).await, 10, "none is too old");
}

async fn an_older_catalog_does_not_have_a_stream_forget_ids(bus: Tidings) {
    let short = older(
        |spec| {
            let duplicate_window = Duration::from_millis(200);
            with_limits(spec, StreamLimits { duplicate_window, ..spec.limits })
        },
        same_subscription,
    );
    let publisher = courier(&bus);
    publisher.parcel_sent(sent("p-1", 0)).id("same").await.expect("stored");
    bus.ensure(short).await.expect("it fits");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let again = publisher.parcel_sent(sent("p-1", 0)).id("same").await.expect("an answer");
    assert!(again.duplicate);
}

async fn an_older_catalog_takes_no_events_away(bus: Tidings) {
    let journey = tracking::journey::Subscription::SPEC;
    let fewer = older(same_stream, |spec| {
        let filters =
            if spec.durable == journey.durable { &journey.filters[..1] } else { spec.filters };
        SubscriptionSpec { filters, ..*spec }
    });
    assert_eq!(journey.filters.len(), 2);
    bus.ensure(fewer).await.expect("it fits");
    let publisher = courier::Publisher::new(&bus).organization("acme");
    let event = tidings_tests::catalog::parcels::ParcelArrived {
        parcel_id: "p-1".into(),
        depot: "berlin".into(),
    };
    publisher.parcel_arrived(event).await.expect("stored");
    publisher.parcel_sent(sent("p-1", 0)).await.expect("stored");
    // A server counts them a moment after it has stored them.
    until("both are to be delivered", async || pending(&bus).await == 2).await;
}

async fn an_older_catalog_does_not_end_the_order_of_a_partition(bus: Tidings) {
    let ordered = tracking::pallets_in_order::Subscription::SPEC;
    assert_eq!(ordered.partitions[0].durable, ordered.durable);
    let undivided = older(same_stream, |spec| {
        let ours = spec.durable == ordered.durable;
        SubscriptionSpec { partitions: if ours { &[] } else { spec.partitions }, ..*spec }
    });
    bus.ensure(undivided).await.expect("it fits");
    let publisher = courier(&bus);
    for pallet in 0..50 {
        publisher.pallet_moved(moved(&format!("q-{pallet}"), 0)).await.expect("stored");
    }
    // Two instances, which are at it for ever.
    let (tracker, mut sightings) = Tracker::new(async |_| std::future::pending().await);
    let runs = [tracker.clone(), tracker]
        .map(|tracker| Running::start(bus.run(tracking::PalletsInOrder::subscriber(tracker))));
    for _ in ordered.partitions {
        next(&mut sightings).await;
    }
    let another = tokio::time::timeout(Duration::from_secs(1), sightings.recv()).await;
    assert!(another.is_err(), "two of a partition at once: {another:?}");
    drop(runs);
}

//! How subscriptions stand.

use std::sync::Arc;
use std::time::Duration;

use tidings::{BrokerError, Reject, Subscription as _, SubscriptionStatus, Tidings};
use tokio::sync::Semaphore;

use super::on_both_brokers;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Running, Tracker, courier, next, sent, until};

on_both_brokers!(
    a_subscription_tells_how_far_it_has_come,
    dead_letters_are_counted_until_they_are_handled,
    what_is_missing_is_said,
);

async fn status(bus: &Tidings) -> SubscriptionStatus {
    bus.status(tracking::journey::Subscription::SPEC).await.expect("a consumer")
}

async fn a_subscription_tells_how_far_it_has_come(bus: Tidings) {
    assert_eq!(status(&bus).await, SubscriptionStatus::default());
    for step in 0..3 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    until("all are pending", async || status(&bus).await.pending == 3).await;
    assert_eq!(status(&bus).await.last_delivery, None);

    let gate = Arc::new(Semaphore::new(0));
    let closed = Arc::clone(&gate);
    let (tracker, mut seen) = Tracker::new(move |seen| {
        let closed = Arc::clone(&closed);
        async move {
            if seen.step == 0 && seen.attempt == 1 {
                return Err(std::io::Error::other("try again"))?;
            }
            closed.acquire().await?.forget();
            Ok(())
        }
    });
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    while next(&mut seen).await.attempt == 1 {}
    until("all are in flight, one for a second time", async || {
        let status = status(&bus).await;
        (status.pending, status.in_flight, status.redelivered) == (0, 3, 1)
    })
    .await;
    assert!(status(&bus).await.last_delivery.is_some());
    gate.add_permits(3);
    until("all are settled", async || status(&bus).await.in_flight == 0).await;
    assert_eq!(run.stop().await.handled, 3);
}

async fn dead_letters_are_counted_until_they_are_handled(bus: Tidings) {
    let (tracker, mut seen) = Tracker::new(async |_| Err(Reject::because("broken"))?);
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    for step in 0..2 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
        next(&mut seen).await;
    }
    until("two dead letters", async || status(&bus).await.dead_letters == 2).await;
    run.stop().await;
    let other = bus.status(tracking::patient::Subscription::SPEC).await.expect("a consumer");
    assert_eq!(other.dead_letters, 0, "those of others do not count");

    bus.dead_letters(&CATALOG).redrive().limit(1).await.expect("redriven");
    until("one is on its way", async || {
        let status = status(&bus).await;
        (status.dead_letters, status.redriven) == (1, 1)
    })
    .await;
    let (content, _seen) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(content)));
    until("it is handled", async || status(&bus).await.redriven == 0).await;
    assert_eq!(status(&bus).await.dead_letters, 1);
    assert_eq!(run.stop().await.handled, 1);
}

async fn what_is_missing_is_said(bus: Tidings) {
    // Streams of another catalog, which nobody has created.
    let missing = bus.status(event_catalog::orders::fulfilment::Subscription::SPEC);
    let missing = tokio::time::timeout(Duration::from_secs(20), missing).await.expect("an answer");
    let error = missing.expect_err("there is no such stream");
    assert!(
        matches!(error, BrokerError::StreamMissing(_) | BrokerError::ConsumerMissing { .. }),
        "{error:?}"
    );
}

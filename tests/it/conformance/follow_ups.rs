use tidings::{Handled, Subscription as _, Tidings};

use super::on_both_brokers;
use crate::fixture::catalog::{courier, parcels, tracking};
use crate::fixture::{Running, courier, sent, until};

on_both_brokers!(
    what_follows_an_event_names_its_cause,
    a_further_attempt_does_not_publish_again,
    what_a_handler_says_twice_it_means_twice,
);

/// Reports each parcel as lost, so many times in each attempt, and fails the first attempt after that.
struct Pessimist {
    times: usize,
}

impl tracking::Journey for Pessimist {
    async fn parcel_sent(&self, event: parcels::ParcelSent, cx: &tracking::Context) -> Handled {
        for _ in 0..self.times {
            cx.publish(parcels::ParcelLost { parcel_id: event.parcel_id.clone() }).await?;
        }
        match cx.attempt() {
            1 => Err(std::io::Error::other("after publishing"))?,
            _ => Ok(()),
        }
    }

    async fn parcel_arrived(&self, _: parcels::ParcelArrived, _: &tracking::Context) -> Handled {
        Ok(())
    }
}

async fn lost(bus: &Tidings, times: usize) -> u64 {
    let run = Running::start(bus.run(tracking::Journey::subscriber(Pessimist { times })));
    courier(bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    until("it is handled", async || {
        let lag = bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer");
        lag.pending == 0 && lag.unsettled == 0
    })
    .await;
    assert_eq!(run.stop().await.handled, 1);
    bus.lag(courier::search::Subscription::SPEC).await.expect("a consumer").pending
}

async fn a_further_attempt_does_not_publish_again(bus: Tidings) {
    assert_eq!(lost(&bus, 1).await, 1);
}

async fn what_a_handler_says_twice_it_means_twice(bus: Tidings) {
    assert_eq!(lost(&bus, 2).await, 2);
}

async fn what_follows_an_event_names_its_cause(bus: Tidings) {
    struct Search(tokio::sync::mpsc::UnboundedSender<tidings::Envelope>);

    impl courier::Search for Search {
        async fn parcel_lost(&self, _: parcels::ParcelLost, cx: &courier::Context) -> Handled {
            let _ = self.0.send(cx.envelope().clone());
            Ok(())
        }
    }

    let (report, mut reports) = tokio::sync::mpsc::unbounded_channel();
    let run = Running::start(
        bus.run(tracking::Journey::subscriber(Pessimist { times: 1 }))
            .and(courier::Search::subscriber(Search(report))),
    );
    let publisher = courier(&bus).correlation_id("request-7");
    let cause = publisher.parcel_sent(sent("p-1", 0)).await.expect("stored");
    let envelope = reports.recv().await.expect("a follow-up");
    assert_eq!(envelope.causation_id.as_deref(), Some(cause.id.as_str()));
    assert_eq!(envelope.correlation_id.as_deref(), Some("request-7"));
    assert_eq!(envelope.organization_id.as_deref(), Some("acme"));
    assert_eq!(envelope.source, "/fixture/tracking");
    assert_eq!(envelope.subject.as_deref(), Some("p-1"));
    run.stop().await;
}

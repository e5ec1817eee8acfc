use tidings::{Handled, Reason, ReplayError, Subscription as _, Tidings};

use super::on_both_brokers;
use crate::fixture::catalog::{courier, parcels, tracking};
use crate::fixture::{Running, courier, sent, until};

on_both_brokers!(
    what_follows_an_event_names_its_cause,
    a_further_attempt_does_not_publish_again,
    what_a_handler_says_twice_it_means_twice,
    what_is_said_through_a_publisher_of_the_handlers_is_the_same,
    an_event_of_nobody_is_rejected_by_whoever_asks_for_its_tenant,
);

/// Does nothing without a tenant.
struct Landlord;

impl tracking::Journey for Landlord {
    async fn parcel_sent(&self, _: parcels::ParcelSent, cx: &tracking::Context) -> Handled {
        assert_eq!(cx.tenant()?, "acme");
        Ok(())
    }

    async fn parcel_arrived(&self, _: parcels::ParcelArrived, _: &tracking::Context) -> Handled {
        Ok(())
    }
}

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

/// Has the handler say so many times that a parcel is lost, and waits until as many follow-ups are stored.
async fn lost(bus: &Tidings, times: usize, follow_ups: u64) {
    let run = Running::start(bus.run(tracking::Journey::subscriber(Pessimist { times })));
    courier(bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    let search = courier::search::Subscription::SPEC;
    let stored = async || bus.lag(search).await.expect("a consumer").pending;
    until("they are stored", async || stored().await == follow_ups).await;
    until("it is handled", async || {
        let lag = bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer");
        lag.pending == 0 && lag.unsettled == 0
    })
    .await;
    assert_eq!(run.stop().await.handled, 1);
    assert_eq!(stored().await, follow_ups);
}

async fn a_further_attempt_does_not_publish_again(bus: Tidings) {
    lost(&bus, 1, 1).await;
}

async fn what_a_handler_says_twice_it_means_twice(bus: Tidings) {
    lost(&bus, 2, 2).await;
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

async fn what_is_said_through_a_publisher_of_the_handlers_is_the_same(bus: Tidings) {
    /// Says it through its context and fails, and in the next attempt through a publisher.
    struct Deputy;

    impl tracking::Journey for Deputy {
        async fn parcel_sent(&self, event: parcels::ParcelSent, cx: &tracking::Context) -> Handled {
            let lost = parcels::ParcelLost { parcel_id: event.parcel_id };
            if cx.attempt() == 1 {
                cx.publish(lost).await?;
                return Err(std::io::Error::other("after publishing"))?;
            }
            assert!(cx.publisher().publish(lost).await?.duplicate);
            Ok(())
        }

        async fn parcel_arrived(
            &self,
            _: parcels::ParcelArrived,
            _: &tracking::Context,
        ) -> Handled {
            Ok(())
        }
    }

    let run = Running::start(bus.run(tracking::Journey::subscriber(Deputy)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    bus.idle(tracking::journey::Subscription::SPEC).await.expect("idle");
    let report = run.stop().await;
    assert_eq!((report.handled, report.retried), (1, 1));
    let search = bus.lag(courier::search::Subscription::SPEC).await.expect("a consumer");
    assert_eq!(search.pending, 1);
}

async fn an_event_of_nobody_is_rejected_by_whoever_asks_for_its_tenant(bus: Tidings) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("parcels.jsonl");
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    bus.replay(tracking::journey::Subscription::SPEC).to_file(&path).await.expect("written");
    let replayed = bus.replay(path.as_path()).to(tracking::Journey::subscriber(Landlord)).await;
    assert_eq!(replayed.expect("replayed").events, 1);
    let text = std::fs::read_to_string(&path).expect("the file");
    let mut line: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    line.as_object_mut().expect("an event").remove("organizationid").expect("it had one");
    std::fs::write(&path, format!("{line}\n")).expect("written");
    let replayed = bus.replay(path.as_path()).to(tracking::Journey::subscriber(Landlord)).await;
    let Err(ReplayError::Failed { failure, .. }) = replayed else { panic!("{replayed:?}") };
    assert_eq!(failure.reason, Reason::Rejected);
    assert!(failure.to_string().contains("belongs to no organization"), "{failure}");
}

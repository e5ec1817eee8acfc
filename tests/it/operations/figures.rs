//! What is measured, by a recorder of the test's own.

use std::collections::BTreeMap;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tidings::{PublishError, Reject, Subscription as _, Tidings};

use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Running, Seen, Tracker, catalog, courier, sent, until};
use tidings::testing::NatsServer;

/// Its figures, by name and labels.
fn series(recorder: &PrometheusHandle) -> BTreeMap<String, f64> {
    let text = recorder.render();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, value)| (name.to_owned(), value.parse().expect("a number")))
        .collect()
}

// One thread, so that the test's own recorder sees everything.

#[tokio::test(start_paused = true)]
async fn publishing_and_handling_are_measured_on_the_embedded_broker() {
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    publishing_and_handling_are_measured(bus).await;
}

#[tokio::test]
async fn publishing_and_handling_are_measured_on_a_server() {
    let server = NatsServer::start().await.expect("a server");
    let bus = crate::server::connect(&server).await;
    publishing_and_handling_are_measured(bus).await;
}

async fn publishing_and_handling_are_measured(bus: Tidings) {
    let recorder = PrometheusBuilder::new().build_recorder();
    let figures = recorder.handle();
    let _installed = metrics::set_default_local_recorder(&recorder);

    let publisher = courier(&bus);
    let first = publisher.parcel_sent(sent("p-1", 0)).await.expect("stored");
    publisher.parcel_sent(sent("p-1", 0)).id(first.id).await.expect("known");
    for step in 1..4 {
        publisher
            .parcel_sent(sent("p-1", step))
            .enqueue()
            .await
            .expect("sent")
            .await
            .expect("stored");
    }
    publisher.parcel_sent(sent("p-1", 4)).in_background().expect("taken in");
    bus.flush().await;
    let conflict = publisher.parcel_sent(sent("p-1", 5)).expect_last_sequence(1).await;
    assert!(matches!(conflict, Err(PublishError::Conflict { .. })), "{conflict:?}");
    let unfit = publisher.parcel_sent(sent("p-1", 6)).id("").await;
    assert!(matches!(unfit, Err(PublishError::Id { .. })), "{unfit:?}");

    // 0 is rejected; 1 fails once; 2 panics once; all others are handled.
    let (tracker, _sightings) = Tracker::new(async |seen: Seen| match (seen.step, seen.attempt) {
        (0, _) => Err(Reject::because("no"))?,
        (1, 1) => Err(std::io::Error::other("not yet"))?,
        (2, 1) => panic!("out of ideas"),
        _ => Ok(()),
    });
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    bus.idle(tracking::journey::Subscription::SPEC).await.expect("idle");

    let published = |status: &str| {
        format!(
            "events_published_total{{event_type=\"parcels.parcel.sent\",service=\"courier\",status=\"{status}\"}}"
        )
    };
    let of = "event_type=\"parcels.parcel.sent\",service=\"tracking\",subscription=\"journey\"";
    let consumed = |status: &str| format!("events_consumed_total{{{of},status=\"{status}\"}}");
    let errors = |kind: &str| format!("event_handler_errors_total{{{of},kind=\"{kind}\"}}");
    let gauge = |name: &str| format!("{name}{{service=\"tracking\",subscription=\"journey\"}}");
    let expected = [
        (published("stored"), 5.0),
        (published("duplicate"), 1.0),
        (published("conflict"), 1.0),
        (published("rejected"), 1.0),
        (published("unknown"), 0.0),
        ("event_publish_duration_seconds_count{event_type=\"parcels.parcel.sent\",service=\"courier\"}".to_owned(), 8.0),
        (consumed("handled"), 4.0),
        (consumed("retried"), 2.0),
        (consumed("dead_lettered"), 1.0),
        (consumed("skipped"), 0.0),
        (errors("rejected"), 1.0),
        (errors("failed"), 1.0),
        (errors("panicked"), 1.0),
        (errors("timed_out"), 0.0),
        (format!("event_handler_duration_seconds_count{{{of}}}"), 7.0),
        (gauge("subscription_lag"), 0.0),
        (gauge("subscription_in_flight"), 0.0),
        (gauge("dead_letters"), 1.0),
        (gauge("breaker_state"), 0.0),
        ("publisher_breaker_state{service=\"tracking\"}".to_owned(), 0.0),
        ("broker_connected{service=\"tracking\"}".to_owned(), 1.0),
    ];
    // Gauges are sampled now and then: a run samples when it begins.
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (4, 1));
    let (tracker, _sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    until("the gauges are sampled", async || {
        let seen = series(&figures);
        // Of what is in flight the server may not have heard the end at the first look, and the gauges are set one by one.
        seen.get(&gauge("dead_letters")) == Some(&1.0)
            && seen.get(&gauge("subscription_lag")) == Some(&0.0)
            && seen.get(&gauge("subscription_in_flight")) == Some(&0.0)
    })
    .await;
    let seen = series(&figures);
    for (name, value) in expected {
        assert_eq!(seen.get(&name), Some(&value), "{name}\n{seen:#?}");
    }
    run.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_service_that_only_publishes_shows_how_publishing_fares() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let figures = recorder.handle();
    let _installed = metrics::set_default_local_recorder(&recorder);
    let (bus, faults) = tidings::testing::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let gauge =
        |name: &str| series(&figures).get(&format!("{name}{{service=\"courier\"}}")).copied();
    assert_eq!(gauge("broker_connected"), None);
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    assert_eq!(
        (gauge("broker_connected"), gauge("publisher_breaker_state")),
        (Some(1.0), Some(0.0))
    );

    faults.disconnect();
    until("the loss is seen", async || gauge("broker_connected") == Some(0.0)).await;
    // As many in a row as open the breaker get no answer.
    let publisher = courier(&bus);
    let lost = (0..10).map(|step| publisher.parcel_sent(sent("p-1", step)).into_future());
    futures_util::future::join_all(lost).await;
    until("the breaker is open", async || gauge("publisher_breaker_state") == Some(2.0)).await;
    faults.reconnect();
    until("it is back", async || gauge("broker_connected") == Some(1.0)).await;
}

#[tokio::test(start_paused = true)]
async fn what_anybody_can_invent_makes_no_series() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let figures = recorder.handle();
    let _installed = metrics::set_default_local_recorder(&recorder);
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let (tracker, _sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    for number in 0..50 {
        let organization = format!("organization-{number}");
        let publisher = catalog::courier::Publisher::new(&bus)
            .organization(organization)
            .correlation_id(format!("chain-{number}"));
        let parcel = format!("parcel-{number}");
        publisher.parcel_sent(sent(&parcel, number)).await.expect("stored");
    }
    bus.idle(tracking::journey::Subscription::SPEC).await.expect("idle");
    let names: Vec<String> = series(&figures).into_keys().collect();
    let known = names.len();
    for name in &names {
        for invented in ["organization-", "parcel-", "chain-"] {
            assert!(!name.contains(invented), "{name}");
        }
    }
    assert!(known < 400, "{known} series\n{names:#?}");
    run.stop().await;
}

#[tokio::test(start_paused = true)]
async fn each_event_of_a_load_is_counted_by_its_own_outcome() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let figures = recorder.handle();
    let _installed = metrics::set_default_local_recorder(&recorder);
    let (bus, faults) = tidings::testing::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");

    let (publisher, nobody) = (courier(&bus), catalog::courier::Publisher::new(&bus));
    let mut load = publisher.bulk();
    load.add(nobody.parcel_sent(sent("p-1", 0))).await.expect_err("no organization");
    for step in 0..600 {
        load.add(publisher.parcel_sent(sent("p-1", step))).await.expect("added");
    }
    faults.disconnect();
    load.finish().await.expect_err("the connection is lost");

    let seen = series(&figures);
    for (status, events) in [("stored", 500.0), ("unknown", 100.0), ("rejected", 1.0)] {
        let name = format!(
            "events_published_total{{event_type=\"parcels.parcel.sent\",service=\"courier\",status=\"{status}\"}}"
        );
        assert_eq!(seen.get(&name), Some(&events), "{status}\n{seen:#?}");
    }
}

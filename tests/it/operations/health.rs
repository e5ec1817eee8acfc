use std::time::Duration;

use axum::http::StatusCode;
use event_catalog::CATALOG;
use serde_json::Value;
use tidings::catalog::SubscriptionSpec;
use tidings::health::HealthStatus;
use tidings::testing::{self, NatsServer};
use tidings::{BreakerState, Config, Subscription as _, Tidings};

use super::desk::{Desk, Mending, register, welcoming};
use super::on_both_brokers;
use crate::fixture::catalog::tracking;
use crate::fixture::{Running, Tracker, catalog, courier, next, sent, until};
use crate::server::{connect, lower};

on_both_brokers!(
    what_is_well_is_ready,
    what_the_catalog_asks_for_and_is_not_there_is_named,
    a_run_that_has_ended_is_not_ready,
);

fn problems(body: &Value) -> String {
    body.to_string()
}

async fn what_is_well_is_ready(bus: Tidings) {
    let desk = Desk::new(&bus);
    let run = Running::start(welcoming(&bus, &Mending::new(true.into())));
    register(&bus, 3).await;
    until("it is idle", async || desk.get("/readyz").await.1["subscriptions"][0]["lag"] == 0).await;
    let (status, body) = desk.get("/readyz").await;
    assert_eq!((status, &body["status"]), (StatusCode::OK, &"ok".into()), "{body}");
    for part in ["broker", "topology", "publishing"] {
        assert_eq!(body[part]["status"], "ok", "{body}");
    }
    assert_eq!(body["subscriptions"][0]["breaker"], "closed");
    assert_eq!(desk.get("/healthz").await.0, StatusCode::OK);
    run.stop().await;
}

async fn what_the_catalog_asks_for_and_is_not_there_is_named(bus: Tidings) {
    // Another catalog than the one that was applied.
    let health = bus.health(&catalog::CATALOG);
    let report = health.check().await;
    assert_eq!(
        (report.status, report.topology.status),
        (HealthStatus::Failing, HealthStatus::Failing)
    );
    let problems: Vec<&str> = report.problems().collect();
    for missing in ["`PARCELS_EVENTS`", "`tracking-journey`"] {
        assert!(
            problems.iter().any(|problem| problem.contains(missing)),
            "{missing}: {problems:#?}"
        );
    }
    assert_eq!(report.broker.status, HealthStatus::Ok);
    // Asking creates nothing.
    assert_eq!(health.check().await.topology, report.topology);
}

async fn a_run_that_has_ended_is_not_ready(bus: Tidings) {
    let desk = Desk::new(&bus);
    let run = Running::start(welcoming(&bus, &Mending::new(true.into())));
    until("it runs", async || desk.get("/readyz").await.1["subscriptions"][0]["lag"] == 0).await;
    run.stop().await;
    let (status, body) = desk.get("/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        problems(&body).contains("`user_profile-welcome_mail` does not run any more"),
        "{body}"
    );
    bus.close().await.expect("closed");
    let (status, body) = desk.get("/healthz").await;
    assert_eq!((status, &body["status"]), (StatusCode::SERVICE_UNAVAILABLE, &"failing".into()));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_has_paused_is_not_ready() {
    let bus = Tidings::embedded();
    bus.ensure(&catalog::CATALOG).await.expect("the catalog fits");
    let (tracker, _sightings) =
        Tracker::new(async |_| Err(std::io::Error::other("the dependency is off"))?);
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    for step in 0..200 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    let spec = tracking::journey::Subscription::SPEC;
    until("it pauses", async || matches!(bus.breaker(spec), Some(BreakerState::Open { .. }))).await;
    let report = bus.health(&catalog::CATALOG).check().await;
    assert!(!report.is_ok());
    assert_eq!(report.subscriptions[0].breaker, Some("open"));
    let words: Vec<&str> = report.problems().collect();
    assert!(words.len() == 1 && words[0].contains("`tracking-journey` has paused"), "{words:?}");
    run.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_broker_is_not_ready_but_alive() {
    let (bus, faults) = testing::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let health = bus.health(&CATALOG);
    assert!(health.check().await.is_ok());
    faults.disconnect();
    let report = health.check().await;
    assert_eq!(
        (report.status, report.broker.status),
        (HealthStatus::Failing, HealthStatus::Failing)
    );
    assert_eq!(report.topology.status, HealthStatus::Unknown, "nobody can tell");
    assert!(health.is_alive());
    faults.reconnect();
    assert!(health.check().await.is_ok());
}

/// A consumer that an operator has paused hands nothing out, and says nothing about it to whoever waits.
#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_gets_nothing_although_events_wait_is_not_ready() {
    let (server, bus) = super::served().await;
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let run = Running::start(welcoming(&bus, &Mending::new(true.into())));
    let health = bus.health(&CATALOG).stalled_after(Duration::from_millis(500));
    register(&bus, 1).await;
    let lag = async || health.check().await.subscriptions.first().and_then(|one| one.lag);
    until("it is handled", async || lag().await == Some(0)).await;

    let spec = event_catalog::user_profile::welcome_mail::Subscription::SPEC;
    let subject = format!("$JS.API.CONSUMER.PAUSE.{}.{}", spec.stream, spec.durable);
    let until_then = tidings::Timestamp::now() + Duration::from_secs(3600);
    let body = format!("{{\"pause_until\":\"{until_then}\"}}");
    let answer = client.request(subject, body.into()).await.expect("an answer");
    let answer = String::from_utf8_lossy(&answer.payload).into_owned();
    if answer.contains("\"error\"") || !answer.contains("\"paused\":true") {
        assert!(server.version().starts_with("2.10"), "it pauses: {answer}");
        return;
    }
    register(&bus, 2).await;
    until("it is found out", async || !health.check().await.is_ok()).await;
    let report = health.check().await;
    let words: Vec<&str> = report.problems().collect();
    assert!(words.len() == 1 && words[0].contains("does not move: 2 events wait"), "{words:?}");
    run.stop().await;
}

/// As many are out as the broker hands out, which may be fewer than the catalog says.
#[tokio::test(flavor = "multi_thread")]
async fn who_gets_nothing_as_another_has_all_that_is_out_is_well() {
    const JOURNEY: &SubscriptionSpec = tracking::journey::Subscription::SPEC;
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (busy, mut sightings, gate) = Tracker::gated(0);
    let run = Running::start(bus.run(tracking::Journey::subscriber(busy)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    next(&mut sightings).await;
    lower(&server, JOURNEY, 1).await;

    let others = Tidings::connect(Config::new(server.url())).await.expect("a connection");
    let health = others.health(&catalog::CATALOG).stalled_after(Duration::ZERO);
    let (idle, _none) = Tracker::content();
    let other = Running::start(others.run(tracking::Journey::subscriber(idle)));
    courier(&bus).parcel_sent(sent("p-1", 1)).await.expect("stored");
    let waits = async || health.check().await.subscriptions.first().and_then(|one| one.lag);
    until("it waits", async || waits().await == Some(1)).await;
    let report = health.check().await;
    assert!(report.is_ok(), "{report:?}");
    gate.add_permits(2);
    run.stop().await;
    other.stop().await;
}

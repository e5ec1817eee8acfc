//! Servers that die and come back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tidings::testing::NatsServer;
use tidings::{ConnectionState, RunError, Subscription as _};

use super::connect;
use crate::fixture::catalog::tracking;
use crate::fixture::{Running, Tracker, courier, next, sent, until};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));

    let publisher = courier(&bus);
    let publishing = tokio::spawn(async move {
        let mut acknowledged = BTreeSet::new();
        for step in 0..600 {
            let published = publisher.parcel_sent(sent("p-1", step)).await;
            acknowledged.insert(published.expect("known, although the server died").id);
        }
        acknowledged
    });
    let mut handled = BTreeSet::new();
    for _ in 0..3 {
        for _ in 0..50 {
            handled.insert(next(&mut sightings).await.id);
        }
        server.kill().expect("killed");
        server.restart().await.expect("back");
    }
    let acknowledged = publishing.await.expect("no panic");
    assert_eq!(acknowledged.len(), 600);
    while !acknowledged.is_subset(&handled) {
        handled.insert(next(&mut sightings).await.id);
    }
    assert_eq!(handled, acknowledged, "nothing else was stored");
    run.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_goes_on_after_a_restart() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    next(&mut sightings).await;

    server.kill().expect("killed");
    until("the loss is noticed", async || bus.connection_state() == ConnectionState::Disconnected)
        .await;
    server.restart().await.expect("back");
    courier(&bus).parcel_sent(sent("p-1", 1)).await.expect("stored");
    // A settlement that the server had not written down brings the first event again, and rightly.
    while next(&mut sightings).await.step != 1 {}
    run.stop().await;
}

/// A subscription whose every slot is taken while the connection comes back notices nothing of it until it asks for more.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_request_after_a_reconnect_is_not_lost() {
    const SLOTS: usize = tracking::journey::Subscription::SPEC.concurrency;
    const ROUNDS: u64 = 6;
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let slots = SLOTS as u64;
    for step in 0..slots * (ROUNDS + 1) {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    let (tracker, mut sightings, gate) = Tracker::gated(0);
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let mut seen = BTreeSet::new();
    for round in 0..=ROUNDS {
        while (seen.len() as u64) < slots * (round + 1) {
            let sighting = next(&mut sightings).await;
            if !seen.insert(sighting.step) {
                // Its settlement was lost with the server, and it takes a slot once more.
                gate.add_permits(1);
                continue;
            }
            assert_eq!(sighting.attempt, 1, "it was handed out before, to nobody: {sighting:?}");
        }
        if round < ROUNDS {
            server.terminate().await.expect("ended");
            server.restart().await.expect("back");
            let connections = round + 2;
            until("it is back", async || {
                bus.connection_state() == ConnectionState::Connected(connections)
            })
            .await;
        }
        gate.add_permits(SLOTS);
    }
    run.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_goes_on_after_a_freeze() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    next(&mut sightings).await;
    // A settlement that the freeze swallows would bring the event again, and rightly so.
    until("it is settled", async || {
        bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer").unsettled == 0
    })
    .await;
    server.freeze().expect("frozen");
    let publisher = courier(&bus);
    let publishing = tokio::spawn(async move { publisher.parcel_sent(sent("p-1", 1)).await });
    until("the publisher waits", async || !publishing.is_finished()).await;
    // Longer than the silence that the loop takes for a loss.
    tokio::time::sleep(Duration::from_secs(4)).await;
    server.thaw().expect("thawed");
    publishing.await.expect("no panic").expect("stored");
    assert_eq!(next(&mut sightings).await.step, 1);
    run.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_moves_on_from_a_lame_duck() {
    let config = tidings::testing::ServerConfig::default()
        .lame_duck(Duration::from_secs(1), Duration::from_secs(30));
    let mut server = NatsServer::start_with(config).await.expect("a server");
    let bus = connect(&server).await;
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    server.lame_duck().expect("told to leave");
    server.stopped().await.expect("gone");
    server.restart().await.expect("back");
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    assert_eq!(next(&mut sightings).await.step, 0);
    run.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_ends_loudly_when_its_consumer_is_gone() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    next(&mut sightings).await;
    let spec = tracking::journey::Subscription::SPEC;
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let jetstream = async_nats::jetstream::new(client);
    jetstream.delete_consumer_from_stream(spec.durable, spec.stream).await.expect("deleted");
    let error = run.failed().await;
    assert!(matches!(error, RunError::Subscription { durable, .. } if durable == spec.durable));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_gone_ends_the_subscriber() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (tracker, _sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    until("the subscriber is there", async || {
        bus.lag(tracking::journey::Subscription::SPEC).await.is_ok()
    })
    .await;
    server.kill().expect("killed");
    server.restart_empty().await.expect("back, and empty");
    let error = run.failed().await;
    assert!(matches!(error, RunError::Subscription { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn load_is_finished_by_others_when_an_instance_dies() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    // The instance that dies has a connection of its own, as a process has.
    let dying = connect(&server).await;
    let (stuck, mut seen_by_stuck) = Tracker::new(async |_| std::future::pending().await);
    let crashed = tokio::spawn(
        dying.run(tracking::Journey::subscriber(stuck)).until(std::future::pending::<()>()),
    );
    for step in 0..20 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    for _ in 0..8 {
        next(&mut seen_by_stuck).await;
    }
    crashed.abort();
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let mut attempts = BTreeMap::new();
    while attempts.len() < 20 {
        let seen = next(&mut sightings).await;
        attempts.insert(seen.step, seen.attempt);
    }
    assert_eq!(attempts.values().filter(|attempt| **attempt == 2).count(), 8);
    assert_eq!(run.stop().await.handled, 20);
}

//! Replays go on through whatever becomes of the server, its consumers and other people's headers.

use std::sync::{Arc, Mutex};

use async_nats::jetstream;
use futures_util::TryStreamExt as _;
use tidings::catalog::SubscriptionSpec;
use tidings::testing::NatsServer;
use tidings::{BrokerError, Reason, ReplayError, Subscription as _, Tidings};
use tokio::sync::oneshot;

use super::connect;
use super::poison::publish_raw;
use crate::fixture::catalog::tracking;
use crate::fixture::{Sightings, Tracker, courier, next, sent};

const JOURNEY: &SubscriptionSpec = tracking::journey::Subscription::SPEC;

/// Publishes quickly, and returns once all are stored.
pub(super) async fn fill(bus: &Tidings, steps: std::ops::Range<u64>) {
    let publisher = courier(bus);
    let mut receipts = Vec::new();
    for step in steps {
        receipts.push(publisher.parcel_sent(sent("p-1", step)).enqueue().await.expect("sent"));
    }
    for receipt in receipts {
        receipt.await.expect("stored");
    }
}

/// The next events are these, each once and in this order.
pub(super) async fn expect(sightings: &mut Sightings, steps: std::ops::Range<u64>) {
    for step in steps {
        assert_eq!(next(sightings).await.step, step);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projection_is_rebuilt_while_events_come_and_the_server_dies() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    fill(&bus, 0..5000).await;
    let (tracker, mut sightings) = Tracker::content();
    let (end, ended) = oneshot::channel::<()>();
    let rebuild = bus.replay(JOURNEY).follow().until(ended);
    let rebuild = tokio::spawn(rebuild.to(tracking::Journey::subscriber(tracker)));

    let live = courier(&bus);
    let live = tokio::spawn(async move {
        for step in 5000..5300 {
            live.parcel_sent(sent("p-1", step)).await.expect("stored, although the server died");
        }
    });
    expect(&mut sightings, 0..1500).await;
    server.kill().expect("killed");
    server.restart().await.expect("back");
    expect(&mut sightings, 1500..5300).await;
    live.await.expect("no panic");
    server.kill().expect("killed");
    server.restart().await.expect("back");
    fill(&bus, 5300..5400).await;
    expect(&mut sightings, 5300..5400).await;
    drop(end);
    let replayed = rebuild.await.expect("no panic").expect("it ends well");
    assert_eq!((replayed.events, replayed.sequence), (5400, 5400));
    assert!(sightings.recv().await.is_none(), "nothing came twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_goes_on_when_its_consumer_is_gone() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    fill(&bus, 0..10).await;
    let (tracker, mut sightings) = Tracker::content();
    let (end, ended) = oneshot::channel::<()>();
    let replay = bus.replay(JOURNEY).follow().until(ended);
    let replay = tokio::spawn(replay.to(tracking::Journey::subscriber(tracker)));
    expect(&mut sightings, 0..10).await;
    let foreign = async_nats::connect(server.url()).await.expect("a connection");
    let stream = jetstream::new(foreign).get_stream(JOURNEY.stream).await.expect("the stream");
    let replays = async || {
        let names: Vec<String> = stream.consumer_names().try_collect().await.expect("names");
        names.into_iter().filter(|name| name.starts_with("replay-")).collect::<Vec<_>>()
    };
    for name in replays().await {
        stream.delete_consumer(&name).await.expect("deleted");
    }
    fill(&bus, 10..20).await;
    expect(&mut sightings, 10..20).await;
    drop(end);
    assert_eq!(replay.await.expect("no panic").expect("it ends well").events, 20);
    assert_eq!(replays().await, [""; 0], "it leaves none behind");
}

/// Header blocks of which the first kills the client library and the others cost it its connection.
#[tokio::test(flavor = "multi_thread")]
async fn malformed_headers_do_not_end_a_replay() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let blocks: [&[u8]; 4] = [
        b"NATS/1.0\r\nx-note: a\rb\r\n\r\n",
        b"NATS/1.0\r\nx-note: \xff\xfe\r\n\r\n",
        b"NATS/1.0\r\nx note: a\r\n\r\n",
        b"NATS/1.0\r\nx-note\r\n\r\n",
    ];
    for (block, step) in blocks.into_iter().zip(0..) {
        fill(&bus, 10 * step..10 * step + 10).await;
        publish_raw(&server, "parcels.parcel.sent", block, b"{}").await;
    }
    fill(&bus, 40..50).await;
    let (tracker, mut sightings) = Tracker::content();
    let failures = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&failures);
    let replayed = bus
        .replay(JOURNEY)
        .skip_failures(move |failure| {
            told.lock().expect("no panic").push((failure.sequence, failure.reason));
        })
        .to(tracking::Journey::subscriber(tracker))
        .await
        .expect("replayed");
    assert_eq!((replayed.events, replayed.failed, replayed.sequence), (50, 4, 54));
    expect(&mut sightings, 0..50).await;
    let failures = failures.lock().expect("no panic");
    assert_eq!(*failures, [11, 22, 33, 44].map(|sequence| (sequence, Reason::Undecodable)));
}

async fn journey(server: &NatsServer) -> jetstream::stream::Stream {
    let foreign = async_nats::connect(server.url()).await.expect("a connection");
    jetstream::new(foreign).get_stream(JOURNEY.stream).await.expect("the stream")
}

/// The stream is deleted, made anew and filled with as much as there was, and more.
async fn another_one(server: &NatsServer, bus: &Tidings, steps: u64) {
    let foreign = async_nats::connect(server.url()).await.expect("a connection");
    jetstream::new(foreign).delete_stream(JOURNEY.stream).await.expect("deleted");
    bus.ensure(&crate::fixture::catalog::CATALOG).await.expect("the catalog fits");
    fill(bus, 0..steps).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_does_not_read_on_in_another_stream_of_the_same_name() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    fill(&bus, 0..10).await;
    let (tracker, mut sightings) = Tracker::content();
    let replay = bus.replay(JOURNEY).follow();
    let replay = tokio::spawn(replay.to(tracking::Journey::subscriber(tracker)));
    expect(&mut sightings, 0..10).await;
    another_one(&server, &bus, 30).await;
    let ended = tokio::time::timeout(crate::fixture::PATIENCE, replay).await;
    let error = ended.expect("it ends").expect("no panic").expect_err("it says so");
    let ReplayError::Broker(BrokerError::Refused { description, .. }) = error else {
        panic!("{error:?}");
    };
    assert!(description.contains("created anew"), "{description}");
    assert!(sightings.recv().await.is_none(), "nothing of the other one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_is_good_for_its_stream_alone() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    fill(&bus, 0..10).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journey.checkpoint");
    let (tracker, mut sightings) = Tracker::content();
    let subscriber = tracking::Journey::subscriber(tracker);
    let replay = || bus.replay(JOURNEY).checkpoint(&path).to(subscriber.clone());
    assert_eq!(replay().await.expect("replayed").events, 10);
    // What was purged is gone, and what comes has later sequences.
    journey(&server).await.purge().await.expect("purged");
    fill(&bus, 10..13).await;
    assert_eq!(replay().await.expect("replayed").events, 3);
    expect(&mut sightings, 0..13).await;

    another_one(&server, &bus, 20).await;
    let error = replay().await.expect_err("it is another stream");
    let ReplayError::Checkpoint { reason, .. } = error else { panic!("{error:?}") };
    assert!(reason.contains("created anew"), "{reason}");
    std::fs::remove_file(&path).expect("removed");
    assert_eq!(replay().await.expect("replayed").events, 20);
}

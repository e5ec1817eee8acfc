//! Replays go on through whatever becomes of the server, its consumers and other people's headers.

use std::sync::{Arc, Mutex};

use async_nats::jetstream;
use futures_util::TryStreamExt as _;
use tidings::catalog::SubscriptionSpec;
use tidings::testing::NatsServer;
use tidings::{Reason, Subscription as _, Tidings};
use tokio::sync::oneshot;

use super::connect;
use super::poison::publish_raw;
use crate::fixture::catalog::tracking;
use crate::fixture::{Sightings, Tracker, courier, next, sent};

const JOURNEY: &SubscriptionSpec = tracking::journey::Subscription::SPEC;

/// Publishes quickly, and returns once all are stored.
async fn fill(bus: &Tidings, steps: std::ops::Range<u64>) {
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
async fn expect(sightings: &mut Sightings, steps: std::ops::Range<u64>) {
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

//! Aggregates go on whatever becomes of the server, and of others' headers.

use std::num::NonZeroU64;

use tidings::aggregate::LoadError;
use tidings::kv::BucketConfig;
use tidings::testing::NatsServer;

use super::connect;
use super::poison::publish_raw;
use crate::conformance::aggregates::card::{CardEvent, cards, charged, issued, nobody_can_append};
use crate::conformance::aggregates::writers;
use crate::fixture::catalog::kiosk;

#[tokio::test(flavor = "multi_thread")]
async fn writers_go_on_when_the_server_dies() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    if nobody_can_append(&bus).await {
        return;
    }
    let work = tokio::spawn({
        let bus = bus.clone();
        async move { writers::work(&bus, 7).await }
    });
    for version in [5, 15] {
        crate::fixture::until("some is done", async || {
            cards(&bus).load("c-0").await.is_ok_and(|card| card.version() >= version)
        })
        .await;
        server.kill().expect("killed");
        server.restart().await.expect("back");
    }
    work.await.expect("what must hold has held");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_header_is_told_and_costs_nobody_else_anything() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus);
    let mut card = cards.load("c-1").await.expect("readable");
    cards.append(&mut card, [issued("c-1", "Ada")]).await.expect("appended");
    let block = b"NATS/1.0\r\nbad\rname: x\r\n\r\n";
    publish_raw(&server, "postage.card.c-1.charged.0", block, b"{}").await;
    crate::fixture::until("it is stored", async || cards.load("c-1").await.is_err()).await;
    let error = cards.load("c-1").await.expect_err("malformed");
    assert!(matches!(error, LoadError::Event { sequence: 2, .. }), "{error:?}");
    let mut other = cards.load("c-2").await.expect("readable");
    cards.append(&mut other, [issued("c-2", "Grace")]).await.expect("appended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_made_anew_is_not_taken_for_the_one_of_the_snapshots() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    if nobody_can_append(&bus).await {
        return;
    }
    let bucket = bus.ensure_bucket(&BucketConfig::new("cards")).await.expect("a bucket");
    let every = NonZeroU64::new(2).expect("not zero");
    let cards = cards(&bus).snapshots(bucket.clone(), every);
    let mut card = cards.load("c-1").await.expect("readable");
    for cents in 1..=4 {
        cards.append(&mut card, [charged("c-1", cents)]).await.expect("appended");
    }
    crate::fixture::until("a snapshot is there", async || {
        bucket.get("postage.card.card.v1.c-1").await.expect("readable").is_some()
    })
    .await;
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let jetstream = async_nats::jetstream::new(client);
    jetstream.delete_stream("POSTAGE_EVENTS").await.expect("deleted");
    bus.ensure(&crate::fixture::catalog::CATALOG).await.expect("made anew");
    assert!(cards.load("c-1").await.expect("readable").is_new());
    // Its events come to lie where those of the snapshot lay.
    let publisher = kiosk::Publisher::new(&bus).organization("acme");
    for cents in [10, 20, 30, 40, 50] {
        let CardEvent::Charged(event) = charged("c-1", cents) else { unreachable!() };
        publisher.publish(event).await.expect("stored");
    }
    let card = cards.load("c-1").await.expect("readable");
    assert_eq!((card.version(), card.cents, card.applied), (5, 150, 5));
}

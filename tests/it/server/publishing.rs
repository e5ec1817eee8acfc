//! Publishing to servers that go away, and come back otherwise.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use tidings::testing::{NatsServer, ServerConfig};
use tidings::{
    BreakerState, BrokerError, ConnectionState, Outcome, PublishError, Subscription as _, Tidings,
};
use tokio::sync::watch;

use super::connect;
use crate::conformance::too_old;
use crate::fixture::catalog::tracking;
use crate::fixture::{PATIENCE, courier, sent, until};

/// The ids of the events of a stream.
async fn stored(server: &NatsServer) -> BTreeSet<String> {
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let stream = async_nats::jetstream::new(client)
        .get_stream(tracking::journey::Subscription::SPEC.stream)
        .await
        .expect("the stream");
    let mut ids = BTreeSet::new();
    for sequence in 1..=stream.cached_info().state.last_sequence {
        let message = stream.get_raw_message(sequence).await.expect("a message");
        let id = message.headers.get("Nats-Msg-Id").expect("an id").to_string();
        assert!(ids.insert(id), "stored twice");
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_server_is_down_every_publish_ends_in_a_known_outcome_or_says_unknown() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (end, ended) = watch::channel(false);
    let told = Arc::new(AtomicU64::new(0));
    let publishers: Vec<_> = (0..4)
        .map(|number| {
            let (publisher, ended, told) = (courier(&bus), ended.clone(), Arc::clone(&told));
            tokio::spawn(async move {
                let mut outcomes = Vec::new();
                for step in 0.. {
                    if *ended.borrow() {
                        break;
                    }
                    let id = format!("{number}-{step}");
                    let result = publisher.parcel_sent(sent("p-1", step)).id(&id).await;
                    if matches!(result, Err(PublishError::CircuitOpen { .. })) {
                        told.fetch_add(1, Ordering::Relaxed);
                        // As a caller would: later, and not at once.
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    outcomes.push((id, result.map_or_else(|e| e.outcome(), |p| p.outcome())));
                }
                outcomes
            })
        })
        .collect();
    let lag = async || bus.lag(tracking::journey::Subscription::SPEC).await;
    until("some are stored", async || lag().await.is_ok_and(|lag| lag.pending > 50)).await;

    server.kill().expect("killed");
    let open = async {
        while matches!(bus.publish_breaker(), BreakerState::Closed { .. }) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    // Each publisher tries its event for half a minute first.
    tokio::time::timeout(Duration::from_secs(60), open).await.expect("the breaker opens");
    until("the others are told at once", async || told.load(Ordering::Relaxed) > 20).await;

    server.restart().await.expect("back");
    let before = lag().await.expect("an answer").pending;
    until("the breaker closes", async || {
        matches!(bus.publish_breaker(), BreakerState::Closed { .. })
    })
    .await;
    until("more is stored", async || lag().await.is_ok_and(|lag| lag.pending > before + 50)).await;
    end.send_replace(true);

    let mut outcomes = Vec::new();
    for publisher in publishers {
        outcomes.extend(publisher.await.expect("no panic"));
    }
    let stored = stored(&server).await;
    for (id, outcome) in &outcomes {
        match outcome {
            Outcome::Stored => assert!(stored.contains(id), "{id} is lost"),
            Outcome::Rejected => assert!(!stored.contains(id), "{id} was said not to be stored"),
            Outcome::Unknown => {}
            other => panic!("{id}: {other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enqueue_that_is_let_go_of_has_sent_nothing_and_takes_nothing_from_others() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let publisher = courier(&bus);
    let (mut sent_ids, mut receipts, mut dropped) = (BTreeSet::new(), Vec::new(), 0);
    // More than may be on their way, and more at once than a task may do before others have their turn.
    for step in 0..5000 {
        let id = format!("first-{step}");
        match publisher.parcel_sent(sent("p-1", step)).id(&id).enqueue().now_or_never() {
            Some(receipt) => {
                receipts.push(receipt.expect("sent"));
                sent_ids.insert(id);
            }
            None => dropped += 1,
        }
        if step % 400 == 0 {
            tokio::task::yield_now().await;
        }
    }
    assert!(dropped > 0 && !receipts.is_empty(), "{dropped} were let go of");
    bus.flush().await;
    for receipt in receipts {
        assert!(!receipt.await.expect("stored").duplicate);
    }
    let first = stored(&server).await;
    assert_eq!(first, sent_ids);

    // While there is no server, each of them waits for a connection with a place of its own.
    server.kill().expect("killed");
    until("the absence is known", async || bus.connection_state() == ConnectionState::Disconnected)
        .await;
    for step in 0..3000 {
        let enqueued = publisher.parcel_sent(sent("p-2", step)).enqueue();
        assert!(enqueued.now_or_never().is_none(), "there is no server");
        if step % 100 == 0 {
            tokio::task::yield_now().await;
        }
    }
    server.restart().await.expect("a server");
    let mut receipts = Vec::new();
    for step in 0..1500 {
        receipts.push(publisher.parcel_sent(sent("p-3", step)).enqueue().await.expect("sent"));
    }
    bus.flush().await;
    for receipt in receipts {
        receipt.await.expect("stored");
    }
    assert_eq!(stored(&server).await.len(), first.len() + 1500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_with_another_limit_is_believed() {
    let limit = |bytes: u32| ServerConfig::default().text(&format!("max_payload: {bytes}"));
    let mut server = NatsServer::start_with(limit(100_000)).await.expect("a server");
    let bus = connect(&server).await;
    // The name stands in the message twice.
    let too_large = async |bus: &Tidings, length: usize| match courier(bus)
        .parcel_sent(sent(&"x".repeat(length), 0))
        .await
    {
        Ok(_) => None,
        Err(PublishError::Rejected { source: BrokerError::TooLarge { size, limit }, .. }) => {
            Some((size > 2 * length, limit))
        }
        Err(error) => panic!("{error:?}"),
    };
    assert_eq!(too_large(&bus, 200_000).await, Some((true, 100_000)));
    assert_eq!(too_large(&bus, 30_000).await, None);
    let before = bus.connection_state();
    server.reload(limit(40_000)).await.expect("reloaded");
    server.restart().await.expect("back");
    until("it is connected again", async || bus.connection_state() != before).await;
    assert_eq!(too_large(&bus, 30_000).await, Some((true, 40_000)));
    // The server counts the headers too, and closes the connection on one byte more.
    assert_eq!(too_large(&bus, 19_950).await, Some((true, 40_000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_in_the_background_waits_for_the_server() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    server.kill().expect("killed");
    until("the loss is noticed", async || bus.connection_state() == ConnectionState::Disconnected)
        .await;
    let mut ids = BTreeSet::new();
    for step in 0..200 {
        let taken = courier(&bus).parcel_sent(sent("p-1", step)).in_background();
        ids.insert(taken.expect("room"));
    }
    assert_eq!(bus.background_counts().waiting, 200);
    server.restart().await.expect("back");
    tokio::time::timeout(PATIENCE, bus.flush()).await.expect("sent");
    assert_eq!(stored(&server).await, ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_are_whole_and_stored_once_whatever_happens_to_the_server() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let publisher = courier(&bus);
    let publishing = tokio::spawn(async move {
        let mut outcomes = Vec::new();
        for number in 0..400 {
            let together = (0..3).fold(publisher.atomically(), |all, place| {
                let event = publisher.parcel_sent(sent("p-1", number));
                all.add(event.id(format!("{number}-{place}")))
            });
            let result = together.await;
            if too_old(&result) {
                return None;
            }
            outcomes.push(result.map_or_else(|e| e.outcome(), |p| p[0].outcome()));
        }
        Some(outcomes)
    });
    for killed in 1..=3 {
        let lag = async || bus.lag(tracking::journey::Subscription::SPEC).await;
        until("some are stored", async || {
            publishing.is_finished() || lag().await.is_ok_and(|lag| lag.pending > 150 * killed)
        })
        .await;
        server.kill().expect("killed");
        server.restart().await.expect("back");
    }
    let Some(outcomes) = publishing.await.expect("no panic") else { return };
    let stored = stored(&server).await;
    for (number, outcome) in outcomes.into_iter().enumerate() {
        let found = (0..3).filter(|place| stored.contains(&format!("{number}-{place}"))).count();
        match outcome {
            Outcome::Stored => assert_eq!(found, 3, "{number} is not whole"),
            other => panic!("{number}: {other}, and {found} found"),
        }
    }
}

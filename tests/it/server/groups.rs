//! Events that are stored together: what is seen of it in the stream, and what a crash in the middle leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_nats::jetstream;
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use serde_json::json;
use tidings::testing::{NatsServer, ServerConfig};
use tidings::{BrokerError, Config, Outcome, PublishError, Receipt, Subscription as _, Tidings};
use tokio::sync::{mpsc, oneshot};

use crate::fixture::catalog::parcels::ParcelArrived;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{courier, sent};

async fn connect(server: &NatsServer) -> Tidings {
    let config = Config::new(server.url()).group_commit(true);
    let bus = Tidings::connect(config).await.expect("a connection");
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    bus
}

async fn stream(server: &NatsServer) -> Stream {
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let jetstream = jetstream::new(client);
    jetstream.get_stream(tracking::journey::Subscription::SPEC.stream).await.expect("the stream")
}

/// The ids of what is stored, each once, and how many messages each batch has.
async fn stored(server: &NatsServer) -> (BTreeSet<String>, Vec<usize>) {
    let stream = stream(server).await;
    let (mut ids, mut batches) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
    for sequence in 1..=stream.cached_info().state.last_sequence {
        let message = stream.get_raw_message(sequence).await.expect("a message");
        let header = |name: &str| message.headers.get(name).map(ToString::to_string);
        assert!(ids.insert(header("Nats-Msg-Id").expect("an id")), "{sequence} is stored twice");
        if let Some(batch) = header("Nats-Batch-Id") {
            *batches.entry(batch).or_default() += 1;
        }
    }
    (ids, batches.into_values().collect())
}

/// Whether the server gains by it; an older one gets each event by itself.
fn gains(server: &NatsServer) -> bool {
    let mut numbers = server.version().split('.').map(str::parse::<u32>);
    let mut number = || numbers.next().and_then(Result::ok).expect("a number");
    (number(), number()) >= (2, 15)
}

async fn enqueue(bus: &Tidings, steps: std::ops::Range<u64>) -> Vec<Receipt> {
    let publisher = courier(bus);
    let mut receipts = Vec::new();
    for step in steps {
        let event = publisher.parcel_sent(sent("p-1", step)).id(format!("id-{step}"));
        receipts.push(event.enqueue().await.expect("sent"));
    }
    receipts
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_goes_in_batches_and_what_does_not_goes_alone() {
    let config = ServerConfig::default().jetstream("sync_interval: always");
    let server = NatsServer::start_with(config).await.expect("a server");
    let bus = connect(&server).await;
    for step in 0..3 {
        courier(&bus).parcel_sent(sent("p-2", step)).await.expect("stored");
    }
    assert_eq!(stored(&server).await.1, [0; 0]);
    // The first has no word before all the others are there.
    server.freeze().expect("frozen");
    let receipts = enqueue(&bus, 0..1000).await;
    server.thaw().expect("goes on");
    for word in join_all(receipts).await {
        assert_eq!(word.expect("stored").outcome(), Outcome::Stored);
    }
    let (ids, batches) = stored(&server).await;
    assert_eq!(ids.len(), 1003);
    if gains(&server) {
        assert!(!batches.is_empty(), "all went alone");
        assert!(batches.iter().all(|members| (16..=1000).contains(members)), "{batches:?}");
    } else {
        assert_eq!(batches, [0; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_takes_no_batches_gets_each_event_by_itself() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let mut config = stream(&server).await.cached_info().config.clone();
    config.allow_atomic_publish = false;
    jetstream::new(client).update_stream(config).await.expect("changed");
    for word in join_all(enqueue(&bus, 0..500).await).await {
        assert_eq!(word.expect("stored").outcome(), Outcome::Stored);
    }
    let (ids, batches) = stored(&server).await;
    assert_eq!((ids.len(), batches), (500, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_stream_does_not_take_takes_nothing_from_the_others() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let mut config = stream(&server).await.cached_info().config.clone();
    config.max_message_size = 2000;
    jetstream::new(client).update_stream(config).await.expect("changed");
    let mut receipts = enqueue(&bus, 0..100).await;
    let large = sent(&"x".repeat(2000), 0);
    let large = courier(&bus).parcel_sent(large).enqueue().await.expect("in line");
    receipts.extend(enqueue(&bus, 100..200).await);
    let refused = large.await.expect_err("too large");
    assert!(matches!(refused, PublishError::Rejected { .. }), "{refused:?}");
    for word in join_all(receipts).await {
        assert_eq!(word.expect("stored").outcome(), Outcome::Stored);
    }
    assert_eq!(stored(&server).await.0.len(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_message_takes_nothing_from_the_others() {
    let users = r#"authorization { users: [
        { user: "op", password: "p" }
        { user: "ann", password: "p", permissions: { publish: { deny: ["parcels.*.parcel.arrived"] } } }
    ] }"#;
    let config = ServerConfig::default().text(users);
    let server = NatsServer::start_with(config).await.expect("a server");
    let as_user = |name: &str| Config::new(server.url()).user(name, "p").group_commit(true);
    let operator = Tidings::connect(as_user("op")).await.expect("a connection");
    operator.ensure(&CATALOG).await.expect("the catalog fits");
    let bus = Tidings::connect(as_user("ann")).await.expect("a connection");
    let mut receipts = enqueue(&bus, 0..100).await;
    let arrived = ParcelArrived { parcel_id: "p-1".into(), depot: "berlin".into() };
    let denied = courier(&bus).parcel_arrived(arrived).enqueue().await.expect("in line");
    receipts.extend(enqueue(&bus, 100..200).await);
    let denied = denied.await.expect_err("not ann's");
    let is_denied = matches!(denied, PublishError::Rejected { source: BrokerError::Denied(_), .. });
    assert!(is_denied, "{denied:?}");
    for word in join_all(receipts).await {
        assert_eq!(word.expect("stored").outcome(), Outcome::Stored);
    }
    let lag = operator.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer");
    assert_eq!(lag.pending, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_in_the_middle_has_each_event_once_afterwards() {
    const EVENTS: u64 = 3000;
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (tell, mut told) = mpsc::unbounded_channel();
    let publishing = {
        let bus = bus.clone();
        tokio::spawn(async move {
            let mut receipts = Vec::new();
            for first in (0..EVENTS).step_by(1000) {
                receipts.extend(enqueue(&bus, first..first + 1000).await);
                // Many of these have no word yet.
                if first < EVENTS - 1000 {
                    tell.send(()).expect("the test goes on");
                }
            }
            drop(tell);
            join_all(receipts).await
        })
    };
    while told.recv().await.is_some() {
        server.kill().expect("killed");
        server.restart().await.expect("back");
    }
    for word in publishing.await.expect("no panic") {
        assert_eq!(word.expect("stored").outcome(), Outcome::Stored);
    }
    // The same again, as whoever died before he heard would: nothing is stored twice.
    for word in join_all(enqueue(&bus, 0..EVENTS).await).await {
        assert_eq!(word.expect("stored before").outcome(), Outcome::Duplicate);
    }
    let (ids, batches) = stored(&server).await;
    assert_eq!(ids, (0..EVENTS).map(|step| format!("id-{step}")).collect());
    assert!(gains(&server) || batches.is_empty(), "{batches:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_knows_no_batches_gets_each_event_by_itself() {
    let server = NatsServer::start().await.expect("a server");
    let bus = Tidings::connect(Config::new(server.url()).group_commit(true)).await;
    let bus = bus.expect("a connection");
    // No stream is there: this answers in its place as a server before 2.12 does, which takes no notice of batches.
    let leader = async_nats::connect(server.url()).await.expect("a connection");
    let mut messages = leader.subscribe("parcels.>").await.expect("subscribed");
    leader.flush().await.expect("known to the server");
    let (begin, begun) = oneshot::channel();
    let seen = Arc::new(Mutex::new((BTreeMap::<String, u64>::new(), 0)));
    let own = Arc::clone(&seen);
    let leading = tokio::spawn(async move {
        let _ = begun.await;
        while let Some(message) = messages.next().await {
            let headers = message.headers.expect("an id");
            let id = headers.get("Nats-Msg-Id").expect("an id").to_string();
            let (place, duplicate) = {
                let mut seen = own.lock().expect("whole");
                let (places, batched) = &mut *seen;
                *batched += u64::from(headers.get("Nats-Batch-Id").is_some());
                let (next, duplicate) = (places.len() as u64 + 1, places.contains_key(&id));
                (*places.entry(id).or_insert(next), duplicate)
            };
            let Some(reply) = message.reply else { continue };
            let stream = tracking::journey::Subscription::SPEC.stream;
            let word = json!({ "stream": stream, "seq": place, "duplicate": duplicate });
            leader.publish(reply, word.to_string().into()).await.expect("answered");
        }
    });
    let receipts = enqueue(&bus, 0..200).await;
    begin.send(()).expect("it waits");
    let words: Vec<_> =
        join_all(receipts).await.into_iter().map(|word| word.expect("stored")).collect();
    leading.abort();
    let (places, batched) = &*seen.lock().expect("whole");
    // Once one of a batch was stored by itself, no more of it is sent.
    assert_eq!((places.len(), *batched), (200, u64::from(gains(&server))));
    for published in words {
        assert_eq!(published.outcome(), Outcome::Stored);
        let place = published.sequence.unwrap_or(places[&published.id]);
        assert_eq!(place, places[&published.id], "{}", published.id);
    }
}

//! Events that are stored together: what is seen of it in the stream, and what a crash in the middle leaves.

use std::collections::{BTreeMap, BTreeSet};

use async_nats::jetstream;
use async_nats::jetstream::stream::Stream;
use futures_util::future::join_all;
use tidings::testing::{NatsServer, ServerConfig};
use tidings::{BrokerError, Config, Outcome, PublishError, Receipt, Subscription as _, Tidings};
use tokio::sync::mpsc;

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
    let config = ServerConfig::default().text("jetstream { sync_interval: always }");
    let server = NatsServer::start_with(config).await.expect("a server");
    let bus = connect(&server).await;
    for step in 0..3 {
        courier(&bus).parcel_sent(sent("p-2", step)).await.expect("stored");
    }
    assert_eq!(stored(&server).await.1, [0; 0]);
    for word in join_all(enqueue(&bus, 0..2000).await).await {
        assert_eq!(word.expect("stored").outcome(), Outcome::Stored);
    }
    let (ids, batches) = stored(&server).await;
    assert_eq!(ids.len(), 2003);
    if gains(&server) {
        // Nearly all, and in few.
        let together: usize = batches.iter().sum();
        assert!(together > 1500 && batches.len() < 100, "{batches:?}");
        assert!(batches.iter().all(|members| (2..=1000).contains(members)), "{batches:?}");
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
    assert_eq!(batches.is_empty(), !gains(&server));
}

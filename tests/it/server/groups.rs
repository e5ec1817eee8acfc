//! Events that are stored together: what is seen of it in the stream, and what a crash in the middle leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_nats::jetstream::stream::Stream;
use async_nats::{HeaderMap, jetstream};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use serde_json::json;
use tidings::testing::{NatsServer, ServerConfig};
use tidings::{BrokerError, Config, Outcome, PublishError, Receipt, Subscription as _, Tidings};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::known;
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
async fn groups_that_follow_each_other_closely_keep_the_order() {
    let config = ServerConfig::default().jetstream("sync_interval: always");
    let server = NatsServer::start_with(config).await.expect("a server");
    let bus = connect(&server).await;
    if !gains(&server) {
        return;
    }
    for (index, word) in join_all(enqueue(&bus, 0..10_000).await).await.into_iter().enumerate() {
        assert_eq!(word.expect("stored").sequence, Some(index as u64 + 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_while_the_first_copy_is_stored_is_a_duplicate() {
    let config = ServerConfig::default().jetstream("sync_interval: always");
    let server = NatsServer::start_with(config).await.expect("a server");
    let bus = connect(&server).await;
    let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
    for first in (0..3000).step_by(100) {
        firsts.extend(enqueue(&bus, first..first + 100).await);
        seconds.extend(enqueue(&bus, first..first + 100).await);
    }
    for word in join_all(firsts).await {
        assert_eq!(word.expect("stored").outcome(), Outcome::Stored);
    }
    for word in join_all(seconds).await {
        assert_eq!(word.expect("stored before").outcome(), Outcome::Duplicate);
    }
    assert_eq!(stored(&server).await.0.len(), 3000);
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

/// What an older leader, or one with other settings, makes of a message.
enum Answer {
    /// It stores the message by itself, and says where.
    Place,
    /// The same, and the word is lost.
    PlaceUnsaid,
    Refused(u64),
    /// As the first of a batch is answered.
    Empty,
    Nothing,
}

/// Messages that came to a stand-in, and their places.
#[derive(Debug, Default)]
struct Seen {
    places: BTreeMap<String, u64>,
    batched: u64,
}

/// Answers in the place of the stream, which is not there, once it is told to begin.
struct StandIn {
    seen: Arc<Mutex<Seen>>,
    begin: oneshot::Sender<()>,
    leading: JoinHandle<()>,
}

impl StandIn {
    async fn at(
        server: &NatsServer,
        mut answer: impl FnMut(&HeaderMap) -> Answer + Send + 'static,
    ) -> Self {
        let leader = async_nats::connect(server.url()).await.expect("a connection");
        let mut messages = leader.subscribe("parcels.>").await.expect("subscribed");
        known(&leader).await;
        let (begin, begun) = oneshot::channel();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let own = Arc::clone(&seen);
        let leading = tokio::spawn(async move {
            let _ = begun.await;
            while let Some(message) = messages.next().await {
                let headers = message.headers.expect("an id");
                let id = headers.get("Nats-Msg-Id").expect("an id").to_string();
                let stream = tracking::journey::Subscription::SPEC.stream;
                let place = || {
                    let Seen { places, .. } = &mut *own.lock().expect("whole");
                    let (next, duplicate) = (places.len() as u64 + 1, places.contains_key(&id));
                    let place = *places.entry(id.clone()).or_insert(next);
                    json!({ "stream": stream, "seq": place, "duplicate": duplicate })
                };
                let word = match answer(&headers) {
                    Answer::Place => place().to_string(),
                    Answer::PlaceUnsaid => {
                        place();
                        continue;
                    }
                    Answer::Refused(code) => {
                        let error = json!({ "code": 400, "err_code": code });
                        json!({ "stream": stream, "seq": 0, "error": error }).to_string()
                    }
                    Answer::Empty => String::new(),
                    Answer::Nothing => continue,
                };
                own.lock().expect("whole").batched +=
                    u64::from(headers.get("Nats-Batch-Id").is_some());
                let Some(reply) = message.reply else { continue };
                leader.publish(reply, word.into()).await.expect("answered");
            }
        });
        Self { seen, begin, leading }
    }

    /// Has it answer, and checks that each event has a place, which is the one that it was told.
    async fn answers(self, receipts: Vec<Receipt>, meanwhile: impl Future<Output = ()>) -> u64 {
        self.begin.send(()).expect("it waits");
        let (words, ()) = tokio::join!(join_all(receipts), meanwhile);
        self.leading.abort();
        let Seen { places, batched } = &*self.seen.lock().expect("whole");
        assert_eq!(places.len(), words.len());
        for word in words {
            let published = word.expect("stored");
            assert_eq!(published.outcome(), Outcome::Stored, "{}", published.id);
            let place = published.sequence.unwrap_or(places[&published.id]);
            assert_eq!(place, places[&published.id], "{}", published.id);
        }
        *batched
    }
}

/// A server without streams, and a connection to it.
async fn bare() -> (NatsServer, Tidings) {
    let server = NatsServer::start().await.expect("a server");
    let config = Config::new(server.url()).group_commit(true);
    let bus = Tidings::connect(config).await.expect("a connection");
    (server, bus)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_knows_no_batches_gets_each_event_by_itself() {
    let (server, bus) = bare().await;
    // As a server before 2.12 does, which takes no notice of batches.
    let leader = StandIn::at(&server, |_| Answer::Place).await;
    let receipts = enqueue(&bus, 0..200).await;
    let batched = leader.answers(receipts, async {}).await;
    // Once one of a batch was stored by itself, no more of it is sent.
    assert_eq!(batched, u64::from(gains(&server)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_takes_no_batches_is_offered_one_and_then_none_for_a_while() {
    let (server, bus) = bare().await;
    let leader = StandIn::at(&server, |headers| match headers.get("Nats-Batch-Id") {
        Some(_) => Answer::Refused(10174),
        None => Answer::Place,
    })
    .await;
    let mut receipts = enqueue(&bus, 0..200).await;
    // Behind one that goes by itself there would be another.
    let publisher = courier(&bus);
    let alone = publisher.parcel_sent(sent("p-2", 0)).id("id-alone").expect_last_sequence(0);
    receipts.push(alone.enqueue().await.expect("in line"));
    receipts.extend(enqueue(&bus, 200..400).await);
    let batched = leader.answers(receipts, async {}).await;
    assert_eq!(batched, u64::from(gains(&server)));
}

/// Kills the server once it is asked what its death is about, and starts it again.
async fn restarted(server: &mut NatsServer, asked: oneshot::Receiver<()>) {
    asked.await.expect("it is asked");
    server.kill().expect("killed");
    server.restart().await.expect("back");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_such_a_leader_has_stored_of_a_batch_is_not_called_a_duplicate_when_its_word_was_lost()
{
    let (mut server, bus) = bare().await;
    if !gains(&server) {
        return;
    }
    let (lose, lost) = oneshot::channel();
    let mut lose = Some(lose);
    let leader = StandIn::at(&server, move |headers| {
        let lose = headers.get("Nats-Batch-Id").and_then(|_| lose.take());
        match lose {
            Some(lose) => {
                lose.send(()).expect("the test goes on");
                Answer::PlaceUnsaid
            }
            None => Answer::Place,
        }
    })
    .await;
    let receipts = enqueue(&bus, 0..200).await;
    leader.answers(receipts, restarted(&mut server, lost)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_between_its_refusal_and_the_question_for_ids_has_each_event_once() {
    let (mut server, bus) = bare().await;
    if !gains(&server) {
        return;
    }
    let (lose, lost) = oneshot::channel();
    let mut lose = Some(lose);
    let leader = StandIn::at(&server, move |headers| {
        let is_asked = headers.get("Nats-Rollup").is_some();
        let place = headers.get("Nats-Batch-Sequence").map(ToString::to_string);
        match (place.as_deref(), &lose) {
            // It knows one of them, and is gone when it is asked which.
            (None, Some(_)) if is_asked => {
                lose.take().expect("once").send(()).expect("the test goes on");
                Answer::Nothing
            }
            (None, _) if is_asked => Answer::Nothing,
            (Some("1"), Some(_)) => Answer::Empty,
            (Some(_), Some(_)) if headers.get("Nats-Batch-Commit").is_some() => {
                Answer::Refused(10201)
            }
            // When it is back, it takes no batches.
            (Some("1"), None) => Answer::Refused(10174),
            (Some(_), _) => Answer::Nothing,
            (None, _) => Answer::Place,
        }
    })
    .await;
    let receipts = enqueue(&bus, 0..200).await;
    leader.answers(receipts, restarted(&mut server, lost)).await;
}

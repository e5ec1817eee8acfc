//! What publishers are told while many of their events are on their way, compared with what the stream holds.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt as _;
use tidings::testing::NatsServer;
use tidings::{PublishError, Published, Subscription as _, Tidings};
use tokio::sync::watch;
use tokio::task::coop::{consume_budget, has_budget_remaining};

use super::{connect, known};
use crate::conformance::bulk::begun;
use crate::fixture::catalog::parcels::subjects;
use crate::fixture::catalog::tracking;
use crate::fixture::{PATIENCE, courier, sent, until};

/// The events of a stream by their ids.
async fn stored(server: &NatsServer) -> HashMap<String, u64> {
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let stream = async_nats::jetstream::new(client)
        .get_stream(tracking::journey::Subscription::SPEC.stream)
        .await
        .expect("the stream");
    let read = async |sequence: u64| {
        let message = stream.get_raw_message(sequence).await.expect("a message");
        (message.headers.get("Nats-Msg-Id").expect("an id").to_string(), sequence)
    };
    let last = stream.cached_info().state.last_sequence;
    let read: Vec<_> =
        futures_util::stream::iter(1..=last).map(read).buffer_unordered(64).collect().await;
    let all = read.len();
    let stored: HashMap<_, _> = read.into_iter().collect();
    assert_eq!(stored.len(), all, "none is stored twice");
    stored
}

/// Publishes with 256 on their way until it is over, and gives what was told.
async fn enqueue(
    bus: Tidings,
    mut is_over: impl FnMut(u64) -> bool,
) -> Vec<Result<Published, PublishError>> {
    let publisher = courier(&bus);
    let (mut receipts, mut told) = (VecDeque::new(), Vec::new());
    for step in 0.. {
        if is_over(step) {
            break;
        }
        if receipts.len() == 256
            && let Some(receipt) = receipts.pop_front()
        {
            told.push(receipt.await);
        }
        match publisher.parcel_sent(sent("p-1", step)).enqueue().await {
            Ok(receipt) => receipts.push_back(receipt),
            Err(error) => {
                told.push(Err(error));
                // As a caller would: later, and not at once.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
    for receipt in receipts {
        told.push(receipt.await);
    }
    told
}

fn are_as_stored(told: &[Result<Published, PublishError>], stored: &HashMap<String, u64>) {
    for Published { id, sequence, duplicate, .. } in told.iter().flatten() {
        let own = stored.get(id);
        assert!(own.is_some(), "{id} was called stored");
        assert!(sequence.is_none() || sequence.as_ref() == own, "{id}: {sequence:?}, not {own:?}");
        assert!(!duplicate, "{id} is new");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_share_a_subject_are_told_their_own_sequences() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let mut seen = client.subscribe(subjects::PARCEL_SENT).await.expect("a subscription");
    known(&client).await;
    // Nobody shares before the stream has told anything.
    let first = courier(&bus).parcel_sent(sent("p-1", 0)).await;
    seen.next().await.expect("it is seen");

    let publishers: Vec<_> =
        (0..4).map(|_| tokio::spawn(enqueue(bus.clone(), |step| step == 1000))).collect();
    let mut told = vec![first];
    for publisher in publishers {
        told.extend(publisher.await.expect("no panic"));
    }
    let mut replies: HashSet<String> = HashSet::new();
    for _ in 0..4000 {
        let reply = seen.next().await.expect("each is seen").reply;
        replies.insert(reply.expect("it is answered").to_string());
    }
    assert!(replies.len() < 2000, "{} subjects for 4,000 events", replies.len());
    let stored = stored(&server).await;
    assert_eq!(stored.len(), 4001);
    let known = told.iter().flatten().filter(|published| published.sequence.is_some());
    assert!(known.count() > 3900, "{told:?}");
    are_as_stored(&told, &stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_what_others_answer_later() {
    for late in [
        r#"{"stream":"PARCELS_EVENTS","domain":"leaf","seq":70001}"#,
        r#"{"error":{"code":400,"err_code":10060,"description":"expected stream"},"stream":"EDGE","seq":0}"#,
        "thank you",
    ] {
        let server = NatsServer::start().await.expect("a server");
        let bus = connect(&server).await;
        let client = async_nats::connect(server.url()).await.expect("a connection");
        let mut seen = client.subscribe(subjects::PARCEL_SENT).await.expect("a subscription");
        known(&client).await;
        // It answers when two hundred others were sent.
        let answering = tokio::spawn(async move {
            let mut waiting = VecDeque::new();
            while let Some(message) = seen.next().await {
                waiting.extend(message.reply);
                if waiting.len() > 200
                    && let Some(reply) = waiting.pop_front()
                {
                    client.publish(reply, late.into()).await.expect("sent");
                }
            }
        });
        let mut told = Vec::new();
        for step in 0..300 {
            told.push(courier(&bus).parcel_sent(sent("p-2", step)).await);
        }
        told.extend(enqueue(bus.clone(), |step| step == 700).await);
        answering.abort();
        let stored = stored(&server).await;
        assert_eq!(stored.len(), 1000, "{late}");
        assert!(told.iter().all(Result::is_ok), "{late}: {told:?}");
        are_as_stored(&told, &stored);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn when_the_server_dies_under_many_nobody_is_told_what_is_not_so() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (end, ended) = watch::channel(false);
    let all = Arc::new(Mutex::new(Vec::new()));
    let publishers: Vec<_> = (0..2)
        .map(|_| {
            let (bus, ended, all) = (bus.clone(), ended.clone(), Arc::clone(&all));
            tokio::spawn(async move {
                let told = enqueue(bus, |_| *ended.borrow()).await;
                all.lock().expect("no panic").extend(told);
            })
        })
        .collect();
    let lag = async || bus.lag(tracking::journey::Subscription::SPEC).await;
    for death in 1..=3 {
        let more = async || lag().await.is_ok_and(|lag| lag.pending > 300 * death);
        until("some are stored", more).await;
        server.kill().expect("killed");
        server.restart().await.expect("back");
        until("it is heard again", async || lag().await.is_ok()).await;
    }
    end.send(true).expect("somebody listens");
    for publisher in publishers {
        tokio::time::timeout(Duration::from_secs(60), publisher)
            .await
            .expect("each is told")
            .expect("no panic");
    }
    let stored = stored(&server).await;
    let told = all.lock().expect("no panic");
    assert!(told.iter().filter(|told| told.is_ok()).count() > 900);
    are_as_stored(&told, &stored);
}

/// A connection on which one event of many is stored, so that those behind it are held back until some are answered.
async fn behind_many(server: &NatsServer) -> (Tidings, Vec<String>) {
    let bus = connect(server).await;
    let publisher = courier(&bus);
    let mut ids = vec![publisher.parcel_sent(sent("p-1", 0)).await.expect("stored").id];
    for step in 1..150 {
        let receipt = publisher.parcel_sent(sent("p-1", step)).enqueue().await.expect("sent");
        ids.push(receipt.id().to_owned());
    }
    (bus, ids)
}

async fn are_all_stored(server: &NatsServer, ids: &[String]) {
    until("all are stored", || async { stored(server).await.len() == ids.len() }).await;
    let mut sequences: Vec<_> = stored(server).await.into_iter().map(|(id, at)| (at, id)).collect();
    sequences.sort_unstable();
    assert!(sequences.iter().map(|(_, id)| id).eq(ids), "in their order");
}

#[tokio::test]
async fn nothing_that_was_enqueued_is_lost_with_the_connection_that_is_closed_or_let_go() {
    for closes in [true, false] {
        let server = NatsServer::start().await.expect("a server");
        let (bus, ids) = behind_many(&server).await;
        if closes {
            bus.close().await.expect("it is closed");
        }
        drop(bus);
        are_all_stored(&server, &ids).await;
    }
}

/// What a task may do before others are to run says nothing of the room for messages.
#[tokio::test]
async fn whoever_has_used_up_his_turn_publishes_at_once() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let publisher = courier(&bus);
    publisher.parcel_sent(sent("p-1", 0)).await.expect("stored");
    let publishing = async {
        for step in 1..=100 {
            while has_budget_remaining() {
                consume_budget().await;
            }
            publisher.parcel_sent(sent("p-1", step)).await.expect("stored");
        }
    };
    // If each waited until somebody looks for what was left behind, it would take five seconds.
    tokio::time::timeout(Duration::from_secs(3), publishing).await.expect("nothing is left behind");
}

#[tokio::test]
async fn what_is_published_next_comes_behind_what_was_enqueued() {
    let server = NatsServer::start().await.expect("a server");
    let (bus, mut ids) = behind_many(&server).await;
    // One with an id of its own says more than how many are stored, and is answered apart.
    ids.push("the-last".to_owned());
    let last = courier(&bus).parcel_sent(sent("p-1", 150)).id("the-last").await;
    assert_eq!(last.expect("stored").sequence, Some(151));
    are_all_stored(&server, &ids).await;
}

#[tokio::test]
async fn what_listeners_are_told_next_comes_behind_what_was_enqueued() {
    let server = NatsServer::start().await.expect("a server");
    let listener = async_nats::connect(server.url()).await.expect("a connection");
    let mut heard = listener.subscribe(">").await.expect("a subscription");
    known(&listener).await;
    let (bus, ids) = behind_many(&server).await;
    bus.core().publish("news", "the last").await.expect("told");
    let mut before = 0;
    loop {
        let message = tokio::time::timeout(PATIENCE, heard.next()).await.expect("heard in time");
        let message = message.expect("somebody listens");
        match message.subject.as_str() {
            "news" => break,
            subjects::PARCEL_SENT => before += 1,
            _ => {}
        }
    }
    assert_eq!(before, ids.len());
}

#[tokio::test]
async fn what_is_loaded_next_comes_behind_what_was_enqueued() {
    let server = NatsServer::start().await.expect("a server");
    let (bus, ids) = behind_many(&server).await;
    let Some(load) = begun(&courier(&bus)).await else { return };
    let loaded = load.finish().await.expect("stored");
    assert_eq!(loaded.last_sequence, Some(ids.len() as u64 + 1));
}

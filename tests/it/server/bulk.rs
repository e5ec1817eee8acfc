//! Loads that end before their time, and what is known of them then.

use std::time::Duration;

use async_nats::jetstream;
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::json;
use tidings::testing::{NatsServer, ServerConfig};
use tidings::{BrokerError, Bulk, BulkError, Config, ConnectionState, Subscription as _, Tidings};

use super::{connect, known};
use crate::conformance::bulk::{begun, too_old};
use crate::fixture::catalog::{CATALOG, courier, parcels, tracking};
use crate::fixture::{PATIENCE, courier, sent, until};

/// The JetStream of a server, as somebody beside Tidings sees it.
async fn beside(server: &NatsServer) -> jetstream::Context {
    jetstream::new(async_nats::connect(server.url()).await.expect("a connection"))
}

/// The steps of the events of a stream, in their order.
async fn steps(server: &NatsServer) -> Vec<u64> {
    let stream = beside(server).await.get_stream("PARCELS_EVENTS").await.expect("the stream");
    let mut steps = Vec::new();
    for sequence in 1..=stream.cached_info().state.last_sequence {
        let message = stream.get_raw_message(sequence).await.expect("a message");
        let event: serde_json::Value = serde_json::from_slice(&message.payload).expect("JSON");
        steps.push(event["data"]["step"].as_u64().expect("a step"));
        assert!(message.headers.get("Nats-Msg-Id").is_none(), "nothing to find duplicates by");
    }
    steps
}

/// Adds events until the load breaks off.
async fn broken_off(load: &mut Bulk, publisher: &courier::Publisher) -> (u64, u64, BrokerError) {
    for step in 1.. {
        match load.add(publisher.parcel_sent(sent("p-1", step))).await {
            Ok(()) => {}
            Err(BulkError::BrokenOff { stored, unknown, source }) => {
                return (stored, unknown, source);
            }
            Err(error) => panic!("{error:?}"),
        }
        // As others would.
        tokio::task::yield_now().await;
    }
    unreachable!("it goes on for ever")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_in_the_middle_has_what_is_said_to_be_stored() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let publisher = courier(&bus);
    let Some(mut load) = begun(&publisher).await else { return };
    let loading = tokio::spawn(async move {
        let broken = broken_off(&mut load, &publisher).await;
        (broken, load.stored())
    });
    let pending = async || bus.lag(tracking::journey::Subscription::SPEC).await;
    until("thousands are stored", async || pending().await.is_ok_and(|lag| lag.pending > 3_000))
        .await;
    server.kill().expect("killed");
    let loaded = tokio::time::timeout(PATIENCE, loading).await.expect("it ends").expect("no panic");
    let ((stored, unknown, source), known) = loaded;
    assert!(
        source.to_string().contains("lost") || source.to_string().contains("reach"),
        "{source}"
    );
    assert_eq!(known, stored);
    assert!(stored > 1_000 && unknown > 0, "{stored} stored, {unknown} unknown");

    server.restart().await.expect("back");
    until("it is connected again", async || bus.ping().await.is_ok()).await;
    let there = steps(&server).await;
    assert!(there.iter().copied().eq(0..there.len() as u64), "in order, and without a gap");
    let range = stored..=stored + unknown;
    assert!(range.contains(&(there.len() as u64)), "{} are there, and not {range:?}", there.len());
    // A new load goes on where the old one has ended.
    let mut load = courier(&bus).bulk();
    load.add(courier(&bus).parcel_sent(sent("p-1", there.len() as u64))).await.expect("added");
    assert_eq!(load.finish().await.expect("stored").last_sequence, Some(there.len() as u64 + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_stream_refuses_in_the_middle_ends_the_load_right_before_it() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let publisher = courier(&bus);
    let Some(mut load) = begun(&publisher).await else { return };
    let context = beside(&server).await;
    let mut stream = context.get_stream("PARCELS_EVENTS").await.expect("the stream");
    let mut config = stream.info().await.expect("its settings").config.clone();
    config.max_message_size = 2_000;
    context.update_stream(config).await.expect("changed");
    for step in 1..700 {
        load.add(publisher.parcel_sent(sent("p-1", step))).await.expect("added");
    }
    let large = load.add(publisher.parcel_sent(sent(&"x".repeat(5_000), 700))).await;
    // It is on its way, and behind it come others.
    large.expect("added");
    let (stored, unknown, source) = broken_off(&mut load, &publisher).await;
    assert_eq!((stored, unknown), (700, 0), "the server says how many: {source}");
    assert!(matches!(source, BrokerError::Refused { code: 10054, .. }), "{source:?}");
    assert!(steps(&server).await.into_iter().eq(0..700));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_in_the_middle_is_told_with_what_is_stored() {
    let config = ServerConfig::default().text(
        r#"authorization { users: [
            { user: all, password: all },
            { user: few, password: few, permissions: { publish: ["parcels.parcel.sent"], subscribe: ["_INBOX.>"] } },
        ] }"#,
    );
    let server = NatsServer::start_with(config).await.expect("a server");
    let all =
        Tidings::connect(Config::new(server.url()).user("all", "all")).await.expect("connected");
    all.ensure(&CATALOG).await.expect("the catalog fits");
    let few =
        Tidings::connect(Config::new(server.url()).user("few", "few")).await.expect("connected");
    let publisher = courier(&few);
    let Some(mut load) = begun(&publisher).await else { return };
    for step in 1..3 {
        load.add(publisher.parcel_sent(sent("p-1", step))).await.expect("added");
    }
    let arrived = parcels::ParcelArrived { parcel_id: "p-1".into(), depot: "berlin".into() };
    load.add(publisher.parcel_arrived(arrived)).await.expect("on its way");
    let (stored, unknown, source) = broken_off(&mut load, &publisher).await;
    assert!(
        matches!(&source, BrokerError::Denied(words) if words.contains("berlin")),
        "{source:?}"
    );
    assert_eq!((stored, unknown), (3, 0));
    let lag = all.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer");
    assert_eq!(lag.pending, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_waits_for_its_next_event_stays_open() {
    let config = ServerConfig::default().jetstream(r#"limits { batch { timeout: "4s" } }"#);
    let Ok(server) = NatsServer::start_with(config).await else { return };
    let bus = connect(&server).await;
    let publisher = courier(&bus);
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let mut heard = client.subscribe("parcels.>").await.expect("listening");
    known(&client).await;
    let Some(mut load) = begun(&publisher).await else { return };
    let mut signs = 0;
    while signs < 2 {
        let heard = tokio::time::timeout(PATIENCE, heard.next()).await.expect("a sign of life");
        let reply = heard.and_then(|message| message.reply).expect("where it is answered");
        signs += u32::from(reply.ends_with(".1.4.$FI"));
    }
    load.add(publisher.parcel_sent(sent("p-1", 1))).await.expect("added");
    assert_eq!(load.finish().await.expect("stored").events, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_load_that_the_server_has_forgotten_nobody_knows() {
    // Shorter than it is between two signs of life.
    let config = ServerConfig::default().jetstream(r#"limits { batch { timeout: "1s" } }"#);
    let Ok(server) = NatsServer::start_with(config).await else { return };
    let bus = connect(&server).await;
    let publisher = courier(&bus);
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let mut heard = client.subscribe("_INBOX.>").await.expect("listening");
    known(&client).await;
    let Some(mut load) = begun(&publisher).await else { return };
    // The server takes the sign of life for a new load, and that for one without its first message.
    loop {
        let heard = tokio::time::timeout(PATIENCE, heard.next()).await.expect("an answer");
        if heard.expect("an answer").subject.ends_with(".1.4.$FI") {
            break;
        }
    }
    let (stored, unknown, source) = match load.add(publisher.parcel_sent(sent("p-1", 1))).await {
        Ok(()) => match load.finish().await {
            Err(BulkError::BrokenOff { stored, unknown, source }) => (stored, unknown, source),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(stored, 0, "{source}");
    assert!(unknown >= 1, "the first event is stored, and not known to be: {source}");
    assert!(matches!(source, BrokerError::Refused { code: 10208, .. }), "{source:?}");
    assert_eq!(steps(&server).await, [0]);
}

/// A load of three, of a stream that is not there: whoever connects to the server stands in for it. None where the server is too
/// old.
async fn load_of_three() -> Option<(NatsServer, Tidings, Bulk, async_nats::Client)> {
    let server = NatsServer::start().await.expect("a server");
    let bus = Tidings::connect(Config::new(server.url())).await.expect("a connection");
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let mut messages = client.subscribe("parcels.>").await.expect("listening");
    known(&client).await;
    let opening = client.clone();
    let opened = tokio::spawn(async move {
        let first = messages.next().await.and_then(|first| first.reply);
        let open = json!({ "type": "ack", "seq": 0, "msgs": 100 }).to_string();
        let reply = first.expect("where it is answered");
        opening.publish(reply, open.into()).await.expect("answered");
        for _ in 1..3 {
            messages.next().await.expect("it comes");
        }
        messages
    });
    let publisher = courier(&bus);
    let mut load = publisher.bulk();
    let first = load.add(publisher.parcel_sent(sent("p-1", 0))).await;
    if too_old(&first) {
        return None;
    }
    first.expect("added");
    for step in 1..3 {
        load.add(publisher.parcel_sent(sent("p-1", step))).await.expect("on its way");
    }
    let mut messages = opened.await.expect("no panic");
    messages.unsubscribe().await.expect("gone");
    known(&client).await;
    Some((server, bus, load, client))
}

/// Says it to the end of a load.
async fn end(client: async_nats::Client, word: serde_json::Value) {
    let mut messages = client.subscribe("parcels.>").await.expect("listening");
    known(&client).await;
    tokio::spawn(async move {
        while let Some(message) = messages.next().await {
            let reply = message.reply.expect("where it is answered");
            assert!(reply.ends_with(".4.3.$FI"), "{reply} is not the end");
            client.publish(reply, word.to_string().into()).await.expect("answered");
        }
    });
}

fn ended(count: Option<u64>) -> serde_json::Value {
    json!({ "stream": "PARCELS_EVENTS", "seq": 3, "count": count })
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_load_it_is_said_what_the_stream_has_said_at_its_end() {
    let forgotten = json!({ "error": { "code": 400, "err_code": 10208 } });
    for (word, stored, unknown) in [
        (ended(Some(3)), 3, 0),
        // It has lost one, and knows that.
        (ended(Some(2)), 2, 0),
        // It has begun another load, and knows nothing of this one.
        (ended(Some(0)), 0, 3),
        // It has stored something as any message.
        (ended(None), 0, 3),
        (forgotten, 0, 3),
    ] {
        let Some((_server, _bus, load, client)) = load_of_three().await else { return };
        end(client, word.clone()).await;
        let told = match load.finish().await {
            Ok(loaded) => (loaded.events, 0),
            Err(BulkError::BrokenOff { stored, unknown, .. }) => {
                assert!(stored < 3, "{word}: it is whole, and is said to have broken off");
                (stored, unknown)
            }
            Err(error) => panic!("{error:?}"),
        };
        assert_eq!(told, (stored, unknown), "{word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_leads_the_stream_at_the_end_the_next_leader_is_asked() {
    let Some((_server, _bus, load, client)) = load_of_three().await else { return };
    let mut finishing = Box::pin(load.finish());
    let early = tokio::time::timeout(Duration::from_secs(1), &mut finishing).await;
    early.expect_err("nobody is there");
    end(client, ended(Some(3))).await;
    let finished = tokio::time::timeout(PATIENCE, finishing).await.expect("it ends");
    assert_eq!(finished.expect("stored").events, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_add_that_is_given_up_ends_the_load() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let publisher = courier(&bus);
    let Some(load) = begun(&publisher).await else { return };
    drop(load);
    let mut load = publisher.bulk();
    server.freeze().expect("frozen");
    let first = load.add(publisher.parcel_sent(sent("p-1", 0)));
    assert!(first.now_or_never().is_none(), "nobody can answer");
    server.thaw().expect("goes on");
    let next = load.add(publisher.parcel_sent(sent("p-1", 1))).await;
    assert!(matches!(next, Err(BulkError::BrokenOff { stored: 0, .. })), "{next:?}");
    // Whatever has become of it: the stream takes the next load.
    let mut load = publisher.bulk();
    load.add(publisher.parcel_sent(sent("p-1", 2))).await.expect("added");
    load.finish().await.expect("stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_or_a_stream_nothing_is_stored() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = Tidings::connect(Config::new(server.url())).await.expect("a connection");
    let publisher = courier(&bus);
    let mut load = publisher.bulk();
    let missing = load.add(publisher.parcel_sent(sent("p-1", 0))).await;
    let Err(BulkError::BrokenOff { stored: 0, unknown: 0, source }) = missing else {
        panic!("{missing:?}");
    };
    if matches!(source, BrokerError::ServerTooOld { .. }) {
        return;
    }
    assert!(matches!(source, BrokerError::NoStream(_)), "{source:?}");
    server.kill().expect("killed");
    until("the loss is noticed", async || bus.connection_state() == ConnectionState::Disconnected)
        .await;
    let mut load = publisher.bulk();
    let away = load.add(publisher.parcel_sent(sent("p-1", 0))).await;
    let Err(BulkError::BrokenOff { stored: 0, unknown: 0, source }) = away else {
        panic!("{away:?}");
    };
    assert!(matches!(source, BrokerError::Unavailable(_)), "{source:?}");
}

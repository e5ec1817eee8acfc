//! Other clients on the same streams: what they read, and what they write.

use async_nats::HeaderMap;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tidings::testing::NatsServer;
use tidings::{ContentMode, DeadLetter, Reason, Tidings};

use super::{connect, known};
use crate::fixture::catalog::{CATALOG, courier, tracking};
use crate::fixture::{Running, Tracker, next, sent, until};

/// A message as any NATS client sees it.
async fn raw(server: &NatsServer, sequence: u64) -> async_nats::jetstream::message::StreamMessage {
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let stream = async_nats::jetstream::new(client).get_stream("PARCELS_EVENTS").await;
    stream.expect("the stream").get_raw_message(sequence).await.expect("the message")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_client_reads_cloud_events() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let published =
        crate::fixture::courier(&bus).parcel_sent(sent("p-1", 3)).await.expect("stored");
    let binary = tidings::Publisher::<courier::Service>::new(&bus).organization("acme");
    let binary = binary.content_mode(ContentMode::Binary);
    let in_headers =
        courier::Publisher::from(binary).parcel_sent(sent("p-2", 4)).await.expect("stored");

    let message = raw(&server, 1).await;
    assert_eq!(message.subject.as_str(), "parcels.parcel.sent");
    assert_eq!(header(&message.headers, "Nats-Msg-Id"), published.id);
    assert_eq!(header(&message.headers, "Content-Type"), "application/cloudevents+json");
    let event: Value = serde_json::from_slice(&message.payload).expect("JSON");
    let time = event["time"].clone();
    assert!(time.as_str().is_some_and(|time| time.parse::<tidings::Timestamp>().is_ok()));
    assert_eq!(
        event,
        json!({
            "specversion": "1.0",
            "id": published.id,
            "source": "/fixture/courier",
            "type": "parcels.parcel.sent",
            "time": time,
            "subject": "p-1",
            "dataschema": "urn:fixture:parcels.parcel.sent:1.0",
            "datacontenttype": "application/json",
            "organizationid": "acme",
            "correlationid": published.id,
            "schemaversion": "1.0",
            "partitionkey": "p-1",
            "data": { "parcel_id": "p-1", "step": 3 },
        })
    );

    let message = raw(&server, 2).await;
    assert_eq!(header(&message.headers, "ce-id"), in_headers.id);
    assert_eq!(header(&message.headers, "ce-type"), "parcels.parcel.sent");
    assert_eq!(header(&message.headers, "ce-specversion"), "1.0");
    assert_eq!(&message.payload[..], br#"{"parcel_id":"p-2","step":4}"#);
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).unwrap_or_else(|| panic!("no header {name}")).as_str()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_foreign_client_are_handled() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let structured = json!({
        "specversion": "1.0", "id": "f-1", "source": "foreign", "type": "parcels.parcel.sent",
        "data": { "parcel_id": "p-1", "step": 1, "unknown": true },
    });
    client.publish("parcels.parcel.sent", structured.to_string().into()).await.expect("sent");
    let seen = next(&mut sightings).await;
    assert_eq!((seen.id.as_str(), seen.step), ("f-1", 1));

    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("CE-SpecVersion", "1.0"),
        ("ce-id", "f-2"),
        ("ce-source", "foreign"),
        ("ce-type", "parcels.parcel.sent"),
        ("ce-schemaversion", "1.7"),
    ] {
        headers.insert(name, value);
    }
    let body = json!({ "parcel_id": "p-1", "step": 2 }).to_string();
    client.publish_with_headers("parcels.parcel.sent", headers, body.into()).await.expect("sent");
    let seen = next(&mut sightings).await;
    assert_eq!((seen.id.as_str(), seen.step), ("f-2", 2));
    assert_eq!(run.stop().await.handled, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_dead_lettered_with_the_reason() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let event = |kind: &str, version: &str, data: Value| {
        json!({
            "specversion": "1.0", "id": "f", "source": "foreign", "type": kind,
            "schemaversion": version, "data": data,
        })
        .to_string()
        .into_bytes()
    };
    let fits = json!({ "parcel_id": "p", "step": 0 });
    let cases = [
        (b"not json".to_vec(), Reason::Undecodable),
        (vec![0xff, 0xfe], Reason::Undecodable),
        (Vec::new(), Reason::Undecodable),
        (event("parcels.parcel.sent", "1.0", json!({ "step": "x" })), Reason::Undecodable),
        (event("parcels.parcel.sent", "7.0", fits.clone()), Reason::OtherVersion),
        (event("parcels.parcel.eaten", "1.0", fits), Reason::UnknownEvent),
    ];
    for (body, _) in &cases {
        client.publish("parcels.parcel.sent", body.clone().into()).await.expect("sent");
    }
    crate::fixture::courier(&bus).parcel_sent(sent("good", 9)).await.expect("stored");
    assert_eq!(next(&mut sightings).await.parcel, "good", "the good one behind them is handled");
    until("all dead letters", async || letters(&bus).await.len() == cases.len()).await;
    let mut letters = letters(&bus).await;
    letters.sort_by_key(|letter| letter.source_sequence);
    for (letter, (body, reason)) in letters.iter().zip(&cases) {
        assert_eq!(letter.reason, Some(*reason), "{letter:?}");
        assert_eq!(&letter.raw_payload()[..], &body[..], "the original, byte for byte");
        assert!(!letter.error.is_empty());
    }
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (1, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_subscription_sees_what_is_published() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let mut messages = client.subscribe("parcels.>").await.expect("subscribed");
    known(&client).await;
    let published =
        crate::fixture::courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    let message = messages.next().await.expect("a message");
    let event: Value = serde_json::from_slice(&message.payload).expect("JSON");
    assert_eq!(event["id"], published.id);
}

async fn letters(bus: &Tidings) -> Vec<DeadLetter> {
    bus.dead_letters(&CATALOG).all().await.expect("a stream of dead letters")
}

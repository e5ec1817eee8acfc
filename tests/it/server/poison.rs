//! Messages with headers that kill the client library: whoever stored them must not stop the subscription.

use std::time::Duration;

use tidings::testing::NatsServer;
use tidings::{ConnectionState, Reason, Subscription as _, Tidings};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::connect;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Running, Seen, Tracker, courier, next, sent, until};

/// Publishes what no client library would, and returns once the server has it.
pub(super) async fn publish_raw(server: &NatsServer, subject: &str, headers: &[u8], body: &[u8]) {
    let address = server.url().trim_start_matches("nats://").to_owned();
    let mut stream = BufReader::new(TcpStream::connect(address).await.expect("a connection"));
    let (head, whole) = (headers.len(), headers.len() + body.len());
    let mut wire = b"CONNECT {\"verbose\":false,\"headers\":true}\r\n".to_vec();
    wire.extend(format!("HPUB {subject} {head} {whole}\r\n").as_bytes());
    wire.extend(headers);
    wire.extend(body);
    wire.extend(b"\r\nPING\r\n");
    stream.write_all(&wire).await.expect("written");
    let mut line = String::new();
    while !line.starts_with("PONG") {
        line.clear();
        assert_ne!(stream.read_line(&mut line).await.expect("an answer"), 0, "no answer");
    }
}

/// A header block that no event survives, between good events; all of these are handled, and the bad one is kept with
/// the reason.
async fn goes_on_after(headers: &[u8], words: &str) {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    for step in 0..5 {
        courier(&bus).parcel_sent(sent("before", step)).await.expect("stored");
    }
    publish_raw(&server, "parcels.parcel.sent", headers, b"{\"poison\":true}").await;
    for step in 0..5 {
        courier(&bus).parcel_sent(sent("after", step)).await.expect("stored");
    }

    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let mut seen = std::collections::BTreeSet::new();
    while seen.len() < 10 {
        let sighting = next(&mut sightings).await;
        assert!(sighting.attempt <= 3, "its neighbours do not pay for it: {sighting:?}");
        seen.insert((sighting.parcel, sighting.step));
    }
    until("everything is settled", async || {
        let lag = bus.lag(tracking::journey::Subscription::SPEC).await;
        lag.is_ok_and(|lag| lag.pending == 0 && lag.unsettled == 0)
    })
    .await;
    let letters = bus.dead_letters(&CATALOG).all().await.expect("readable");
    let [letter] = letters.as_slice() else { panic!("one dead letter, not {letters:?}") };
    assert_eq!(letter.reason, Some(Reason::Undecodable));
    assert_eq!(&letter.raw_payload()[..], b"{\"poison\":true}");
    assert!(letter.error.contains(words), "{}", letter.error);
    assert_eq!(letter.source_sequence, 6);

    // The connection is as good as new, for publishing and for closing as well.
    courier(&bus).parcel_sent(sent("later", 0)).await.expect("stored");
    assert_eq!(next(&mut sightings).await.parcel, "later");
    let report = run.stop().await;
    assert_eq!(report.dead_lettered, 1);
    bus.close().await.expect("closed");
    assert_eq!(bus.connection_state(), ConnectionState::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_panics_the_client_library() {
    goes_on_after(b"NATS/1.0\r\nx-note: a\rb\r\n\r\n", "carriage return").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_is_not_utf_8() {
    goes_on_after(b"NATS/1.0\r\nx-note: \xff\xfe\r\n\r\n", "UTF-8").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_whose_name_has_a_space() {
    goes_on_after(b"NATS/1.0\r\nx note: a\r\n\r\n", "header name").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_line_without_a_colon() {
    goes_on_after(b"NATS/1.0\r\nx-note\r\n\r\n", "no colon").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_block_that_looks_like_a_status() {
    goes_on_after(b"NATS/1.0 404 No Messages\r\n\r\n", "specversion").await;
}

/// Handlers that end while the runtime looks for what has cost the connection do not make it forget to: one loss is enough.
#[tokio::test(flavor = "multi_thread")]
async fn the_search_for_malformed_headers_survives_whatever_ends_meanwhile() {
    const SETTLED: u64 = 1000;
    const AT_WORK: u64 = 6;
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let publisher = courier(&bus);
    let mut receipts = Vec::new();
    for step in 0..SETTLED + AT_WORK {
        receipts.push(publisher.parcel_sent(sent("p-1", step)).enqueue().await.expect("sent"));
    }
    for receipt in receipts {
        receipt.await.expect("stored");
    }
    let seen_by = bus.clone();
    // The first one stays at work, so that all after it has to be looked through. The last ones end one after the other once
    // the connection is back.
    let (tracker, mut sightings) = Tracker::new(move |seen: Seen| {
        let bus = seen_by.clone();
        async move {
            if seen.step == 0 {
                std::future::pending::<()>().await;
            }
            if let Some(turn) = seen.step.checked_sub(SETTLED) {
                until("it is back", async || back(&bus)).await;
                tokio::time::sleep(Duration::from_millis(15 * turn)).await;
            }
            Ok(())
        }
    });
    let run = bus.run(tracking::Journey::subscriber(tracker)).grace(Duration::ZERO);
    let run = Running::start(run);
    for _ in 0..SETTLED + AT_WORK {
        next(&mut sightings).await;
    }
    publish_raw(&server, "parcels.parcel.sent", b"NATS/1.0\r\nx: \xff\xfe\r\n\r\n", b"x").await;
    until("it is kept", async || {
        bus.dead_letters(&CATALOG).all().await.is_ok_and(|letters| letters.len() == 1)
    })
    .await;
    assert_eq!(bus.connection_state(), ConnectionState::Connected(2), "it was handed out once");
    run.stop().await;
}

fn back(bus: &Tidings) -> bool {
    matches!(bus.connection_state(), ConnectionState::Connected(2..))
}

/// What is published through a connection whose client library died is stored by the one that takes its place.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_library_that_died_is_replaced() {
    let server = NatsServer::start().await.expect("a server");
    let bus: Tidings = connect(&server).await;
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    for round in 0..3 {
        publish_raw(&server, "parcels.parcel.sent", b"NATS/1.0\r\nx: a\rb\r\n\r\n", b"x").await;
        courier(&bus).parcel_sent(sent("p-1", round)).await.expect("stored");
        assert_eq!(next(&mut sightings).await.step, round);
    }
    until("all three are kept", async || {
        bus.dead_letters(&CATALOG).all().await.is_ok_and(|letters| letters.len() == 3)
    })
    .await;
    run.stop().await;
}

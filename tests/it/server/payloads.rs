//! Large payloads, as other clients see and send them.

use async_nats::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use tidings::testing::NatsServer;
use tidings::{Reason, Tidings};
use tokio::io::AsyncReadExt as _;

use super::connect;
use crate::conformance::payloads::shelf;
use crate::conformance::too_old;
use crate::fixture::catalog::{CATALOG, papers, photos, tracking};
use crate::fixture::{Running, courier, next, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_client_decompresses_what_says_that_it_is_compressed() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let text = "all that there is to say ".repeat(1000);
    let paper = papers::PaperFiled { paper_id: "d-1".to_owned(), step: 7, text };
    courier(&bus).paper_filed(paper.clone()).await.expect("stored");

    let client = async_nats::connect(server.url()).await.expect("a connection");
    let stream = async_nats::jetstream::new(client).get_stream("PAPERS_EVENTS").await;
    let message = stream.expect("the stream").get_raw_message(1).await.expect("the message");
    let header = |name: &str| message.headers.get(name).map(HeaderValue::as_str);
    assert_eq!(header("Content-Encoding"), Some("zstd"));
    assert_eq!(header("Content-Type"), Some("application/cloudevents+json"));
    assert!(message.payload.len() < 1000, "{} bytes", message.payload.len());
    let body = zstd::stream::decode_all(&message.payload[..]).expect("zstd");
    let event: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(event["data"]["text"], paper.text.as_str());
    assert_eq!(event["partitionkey"], "d-1");
}

async fn send(server: &NatsServer, encoding: &str, body: Vec<u8>) {
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let mut headers = HeaderMap::new();
    headers.insert("content-encoding", encoding);
    let jetstream = async_nats::jetstream::new(client);
    let sent = jetstream.publish_with_headers("papers.paper.filed", headers, body.into()).await;
    sent.expect("sent").await.expect("stored");
}

fn event(step: u64, text: &str) -> Vec<u8> {
    let event = json!({
        "specversion": "1.0", "id": format!("f-{step}"), "source": "foreign", "type": "papers.paper.filed",
        "data": { "paper_id": "d-1", "step": step, "text": text },
    });
    event.to_string().into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_foreign_client_has_compressed_is_handled_if_it_can_be() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Papers::subscriber(shelf)));

    let compress = |body: &[u8]| zstd::stream::encode_all(body, 19).expect("compressed");
    // Fewer bytes than the catalog's threshold: who compresses decides.
    send(&server, "ZSTD", compress(&event(1, "short"))).await;
    assert_eq!(next(&mut sightings).await.step, 1);

    let bomb = compress(&event(2, &" ".repeat(65 << 20)));
    assert!(bomb.len() < 20_000, "{} bytes", bomb.len());
    for (encoding, body, words) in [
        ("gzip", event(2, "as it is"), "encoded as `gzip`"),
        ("zstd", event(2, "as it is"), "cannot be decompressed"),
        ("zstd", bomb.clone(), "more than 67108864 bytes"),
    ] {
        send(&server, encoding, body.clone()).await;
        let letter = only_letter(&bus).await;
        assert_eq!(letter.reason, Some(Reason::Undecodable));
        assert!(letter.error.contains(words), "{}", letter.error);
        assert_eq!(letter.headers.get("content-encoding"), Some(encoding));
        assert!(letter.raw_payload()[..] == body, "another body than was sent");
        bus.dead_letters(&CATALOG).payload(&letter).await.expect_err("not shown either");
        bus.dead_letters(&CATALOG).purge().await.expect("purged");
    }
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_says_how_much_it_takes() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let config = tidings::Config::new(server.url()).largest_payload(5000);
    let small = Tidings::connect(config).await.expect("a connection");
    let paper =
        |bytes| papers::PaperFiled { paper_id: "d".to_owned(), step: 0, text: "x".repeat(bytes) };
    let error = courier(&small).paper_filed(paper(5000)).await.expect_err("too large");
    assert!(matches!(error, tidings::PublishError::TooLarge { limit: 5000, .. }), "{error}");
    courier(&bus).paper_filed(paper(5000)).await.expect("others take more");

    let (shelf, _sightings) = shelf::<papers::PaperFiled>(false);
    let run = Running::start(small.run(tracking::Papers::subscriber(shelf)));
    let letter = only_letter(&small).await;
    assert_eq!(letter.reason, Some(Reason::Undecodable));
    assert!(letter.error.contains("more than 5000 bytes"), "{}", letter.error);
    run.stop().await;
}

async fn only_letter(bus: &Tidings) -> tidings::DeadLetter {
    let letters = async || bus.dead_letters(&CATALOG).all().await.expect("a stream");
    until("a dead letter", async || !letters().await.is_empty()).await;
    letters().await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_client_fetches_what_lies_in_the_object_store() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let taken = photo(200_000);
    courier(&bus).photo_taken(taken.clone()).await.expect("stored");

    let client = async_nats::connect(server.url()).await.expect("a connection");
    let context = async_nats::jetstream::new(client);
    let stream = context.get_stream("PHOTOS_EVENTS").await.expect("the stream");
    let message = stream.get_last_raw_message_by_subject("photos.photo.taken").await;
    let event: Value = serde_json::from_slice(&message.expect("one").payload).expect("JSON");
    assert_eq!(event.get("data"), None);
    let place = event["dataref"].as_str().expect("a place");
    let (bucket, object) =
        place.strip_prefix("nats-object:").and_then(|at| at.split_once('/')).expect("both");
    let store = context.get_object_store(bucket).await.expect("a bucket");
    let info = store.info(object).await.expect("known");
    assert_eq!(event["datasize"], info.size.to_string());
    assert_eq!(event["datadigest"].as_str(), info.digest.as_deref());
    let mut payload = Vec::new();
    let mut reader = store.get(object).await.expect("readable");
    reader.read_to_end(&mut payload).await.expect("whole");
    let payload: photos::PhotoTaken = serde_json::from_slice(&payload).expect("the payload");
    assert!(payload == taken, "another photograph");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_foreign_client_has_put_aside_is_fetched_from_the_streams_own_bucket_alone() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Photos::subscriber(shelf)));
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let context = async_nats::jetstream::new(client);
    let payload = serde_json::to_vec(&photo(200_000)).expect("JSON");
    for bucket in ["PHOTOS_EVENTS_payloads", "PAPERS_EVENTS_payloads"] {
        let store = context.get_object_store(bucket).await.expect("a bucket");
        store.put("a photo/ü", &mut &payload[..]).await.expect("put");
    }
    let send = async |place: &str| {
        let event = json!({
            "specversion": "1.0", "id": "f-1", "source": "foreign", "type": "photos.photo.taken",
            "schemaversion": "2.0", "dataref": place,
        });
        let sent = context.publish("photos.photo.taken", event.to_string().into()).await;
        sent.expect("sent").await.expect("stored");
    };
    // Without size and digest, which the object has of its own.
    send("nats-object:PHOTOS_EVENTS_payloads/a%20photo%2F%C3%BC").await;
    assert!(next(&mut sightings).await == photo(200_000), "another photograph");

    for (place, words) in [
        (
            "nats-object:PAPERS_EVENTS_payloads/a%20photo%2F%C3%BC",
            "those of `PHOTOS_EVENTS` are in",
        ),
        ("https://example.com/photo", "no object of the broker"),
    ] {
        send(place).await;
        let letter = only_letter(&bus).await;
        assert_eq!((letter.reason, letter.attempts), (Some(Reason::Undecodable), 1), "{place}");
        assert!(letter.error.contains(words), "{}", letter.error);
        bus.dead_letters(&CATALOG).purge().await.expect("purged");
    }
    assert_eq!(run.stop().await.dead_lettered, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_buckets_last_as_long_as_anything_refers_to_them() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    bus.ensure(&CATALOG).await.expect("nothing to change");
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let context = async_nats::jetstream::new(client);
    let stream = context.get_stream("OBJ_PHOTOS_EVENTS_payloads").await.expect("the bucket");
    let config = &stream.cached_info().config;
    // A day as a schedule, a day as an event, thirty as a dead letter.
    assert_eq!(config.max_age, std::time::Duration::from_secs(32 * 24 * 60 * 60));
    assert_eq!(config.compression, Some(async_nats::jetstream::stream::Compression::S2));
    assert_eq!(config.discard, async_nats::jetstream::stream::DiscardPolicy::New);
    assert!(context.get_stream("OBJ_PARCELS_EVENTS_payloads").await.is_err(), "not declared");
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_back_a_schedule_removes_nothing_that_is_not_its_own() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let publisher = courier(&bus);
    let later = tidings::Timestamp::now() + std::time::Duration::from_secs(3600);
    let scheduled = publisher.photo_taken(photo(200_000)).publish_at(later).await;
    if too_old(&scheduled) {
        return;
    }
    let scheduled = scheduled.expect("scheduled");
    publisher.photo_taken(photo(100_000)).await.expect("stored");
    let objects = bus.objects("PHOTOS_EVENTS_payloads").expect("a name");
    let names = async || -> std::collections::BTreeSet<String> {
        let all = objects.list().await.expect("readable");
        all.into_iter().map(|object| object.name).collect()
    };
    let all = names().await;
    assert_eq!(all.len(), 4, "two events in two versions each");

    // Whoever may publish makes the schedule name a payload of the other event.
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let context = async_nats::jetstream::new(client);
    let stream = context.get_stream("PHOTOS_EVENTS").await.expect("the stream");
    let mut subjects = Vec::new();
    for sequence in 1..=2 {
        subjects.push(stream.get_raw_message(sequence).await.expect("a schedule"));
    }
    let other = stream.get_last_raw_message_by_subject("photos.photo.taken").await.expect("one");
    for held in subjects {
        let mut headers = HeaderMap::new();
        for (name, values) in held.headers.iter() {
            let name = name.to_string();
            if name.starts_with("Nats-Schedule") {
                headers.insert(name.as_str(), values[0].clone());
            }
        }
        headers.insert("Nats-Msg-Id", format!("mallory-{}", held.sequence).as_str());
        let sent = context.publish_with_headers(held.subject, headers, other.payload.clone()).await;
        sent.expect("sent").await.expect("stored");
    }
    assert!(publisher.cancel::<photos::PhotoTaken>(&scheduled.id).await.expect("taken back"));
    assert_eq!(names().await, all, "nobody knows whose they are");
}

fn photo(bytes: usize) -> photos::PhotoTaken {
    photos::PhotoTaken { photo_id: "f-1".to_owned(), pixels: "#".repeat(bytes), turned: 0 }
}

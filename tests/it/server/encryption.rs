//! What somebody does to encrypted values who may write to the stream.

use serde_json::Value;
use tidings::encryption::MemoryKeys;
use tidings::testing::NatsServer;
use tidings::{Config, ContentMode, PublishError, Publisher, Reason, Tidings};

use super::connect;
use crate::conformance::aggregates::locker::{janitor, rented};
use crate::conformance::encryption::{Host, grace, publisher};
use crate::fixture::catalog::people::RecipientRegistered;
use crate::fixture::catalog::{CATALOG, registry};
use crate::fixture::{Running, next, until};

#[tokio::test(flavor = "multi_thread")]
async fn values_that_were_changed_or_moved_are_not_taken_for_true() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    bus.set_keys(MemoryKeys::new());
    let (host, mut seen) = Host::<RecipientRegistered>::new();
    let run = Running::start(bus.run(registry::Greeting::subscriber(host)));
    for _ in 0..2 {
        publisher(&bus).recipient_registered(grace()).await.expect("stored");
        assert_eq!(next(&mut seen).await, grace());
    }

    let client = async_nats::connect(server.url()).await.expect("a connection");
    let stream = async_nats::jetstream::new(client.clone()).get_stream("PEOPLE_EVENTS").await;
    let stream = stream.expect("a stream");
    let event = async |sequence| -> Value {
        let message = stream.get_raw_message(sequence).await.expect("a message");
        serde_json::from_slice(&message.payload).expect("JSON")
    };
    let (event, other) = (event(2).await, event(4).await);
    assert_eq!(event["schemaversion"], "2.0");
    let data = |change: &dyn Fn(&mut Value)| {
        let mut event = event.clone();
        change(&mut event["data"]);
        event
    };
    let attribute = |name: &str, value: &str| {
        let mut event = event.clone();
        event[name] = value.into();
        event
    };
    let mut name = event["data"]["name"].as_str().expect("a text").to_owned();
    let last = name.pop().expect("some");
    let changed = format!("{name}{}", if last == 'A' { 'B' } else { 'A' });
    let forged = [
        data(&|data| data["name"] = changed.as_str().into()),
        data(&|data| data["name"] = data["mail"].clone()),
        data(&|data| data["name"] = other["data"]["name"].clone()),
        data(&|data| data["name"] = "Grace Example".into()),
        data(&|data| data["name"] = 7.into()),
        data(&|data| data["doors"][0]["lines"] = vec![data["doors"][1]["lines"][0].clone()].into()),
        attribute("id", "another"),
        attribute("organizationid", "umbrella"),
        // Of a version to come, or damaged: what is encrypted is not handed out for what it is.
        attribute("encryptedfields", "masked:/name text:/mail"),
        attribute("encryptedfields", "text:/name absent"),
    ];
    for event in &forged {
        client
            .publish("people.recipient.registered", event.to_string().into())
            .await
            .expect("sent");
    }
    client.flush().await.expect("sent");
    let letters = async || bus.dead_letters(&CATALOG).all().await.expect("readable");
    until("dead letters", async || letters().await.len() == forged.len()).await;
    for letter in letters().await {
        let wanted = match letter.error.contains("umbrella") {
            // A key that nobody has made is not one that was deleted.
            true => Reason::Failed,
            false => Reason::Undecodable,
        };
        assert_eq!(letter.reason, Some(wanted), "{letter}");
        for shown in [format!("{letter:?}"), letter.to_string()] {
            assert!(!shown.contains("Example") && !shown.contains("enc1."), "{shown}");
        }
    }
    run.stop().await;
    assert!(seen.recv().await.is_none(), "none was handled");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_binary_mode_the_payload_is_encrypted_too() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    bus.set_keys(MemoryKeys::new());
    let binary = Publisher::<registry::Service>::new(&bus).organization("acme");
    let binary = registry::Publisher::from(binary.content_mode(ContentMode::Binary));
    binary.recipient_registered(grace()).await.expect("stored");

    let client = async_nats::connect(server.url()).await.expect("a connection");
    let stream = async_nats::jetstream::new(client).get_stream("PEOPLE_EVENTS").await;
    let message = stream.expect("a stream").get_raw_message(2).await.expect("a message");
    let list = message.headers.get("ce-encryptedfields").expect("a list").as_str();
    assert!(list.starts_with("text:/name%20text:/mail%20absent:/phone"), "{list}");
    let payload: Value = serde_json::from_slice(&message.payload).expect("JSON");
    assert!(payload["mail"].as_str().expect("a text").starts_with("enc1."), "{payload}");
    assert_eq!(payload["city"], "Arlington");
    let (host, mut seen) = Host::<RecipientRegistered>::new();
    let run = Running::start(bus.run(registry::Greeting::subscriber(host)));
    assert_eq!(next(&mut seen).await, grace());
    run.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_once_it_is_encrypted_is_not_sent() {
    let server = NatsServer::start().await.expect("a server");
    connect(&server).await;
    let config = Config::new(server.url()).largest_payload(5000);
    let bus = Tidings::connect(config).await.expect("a connection");
    bus.set_keys(MemoryKeys::new());
    // Encrypted it has a third more, and compressed fewer again: whoever takes no more could not read it.
    let error = janitor(&bus).locker_rented(rented("l-1", 3800)).await.expect_err("too large");
    assert!(matches!(error, PublishError::TooLarge { limit: 5000, .. }), "{error}");
    janitor(&bus).locker_rented(rented("l-1", 3000)).await.expect("stored");
}

//! Buckets that other clients use too.

use async_nats::jetstream::{self, kv};
use tidings::kv::{BucketConfig, KvError};
use tidings::testing::NatsServer;
use tidings::{Config, Tidings};

/// A server, our connection to it, and another client's.
async fn both() -> (NatsServer, Tidings, jetstream::Context) {
    let server = NatsServer::start().await.expect("a server");
    let bus = Tidings::connect(Config::new(server.url())).await.expect("a connection");
    let client = async_nats::connect(server.url()).await.expect("a connection");
    (server, bus, jetstream::new(client))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_write_another_client_reads() {
    let (_server, bus, context) = both().await;
    let ours = bus.ensure_bucket(&BucketConfig::new("places").history(3)).await.expect("a bucket");
    let theirs = context.get_key_value("places").await.expect("a bucket to them too");
    let status = theirs.status().await.expect("its state");
    assert_eq!((status.history(), status.bucket()), (3, "places"));

    let first = ours.put("berlin", "a").await.expect("written");
    let entry = theirs.entry("berlin").await.expect("readable").expect("an entry");
    assert_eq!((&entry.value[..], entry.revision), (&b"a"[..], first));
    assert_eq!(entry.operation, kv::Operation::Put);
    ours.delete("berlin").await.expect("deleted");
    assert!(theirs.get("berlin").await.expect("readable").is_none());
    let entry = theirs.entry("berlin").await.expect("readable").expect("an entry");
    assert_eq!(entry.operation, kv::Operation::Delete);
    ours.purge("berlin").await.expect("purged");
    let entry = theirs.entry("berlin").await.expect("readable").expect("an entry");
    assert_eq!(entry.operation, kv::Operation::Purge);
    theirs.create("berlin", "b".into()).await.expect("created over our deletion");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_client_writes_we_read() {
    let (_server, bus, context) = both().await;
    let config = kv::Config { bucket: "places".to_owned(), history: 5, ..Default::default() };
    let theirs = context.create_key_value(config).await.expect("a bucket");
    let ours = bus.bucket("places").expect("a name");

    let first = theirs.put("berlin", "a".into()).await.expect("written");
    let entry = ours.get("berlin").await.expect("readable").expect("a value");
    assert_eq!((&entry.value[..], entry.revision), (&b"a"[..], first));
    let second = ours.update("berlin", "b", first).await.expect("nobody was faster");
    theirs.update("berlin", "c".into(), first).await.expect_err("we were faster");
    theirs.delete("berlin").await.expect("deleted");
    assert!(ours.get("berlin").await.expect("readable").is_none());
    let late = ours.update("berlin", "d", second).await;
    assert!(matches!(late, Err(KvError::Conflict { .. })), "{late:?}");
    ours.create("berlin", "e").await.expect("created over their deletion");
    theirs.purge("berlin").await.expect("purged");
    assert!(ours.get("berlin").await.expect("readable").is_none());
    ours.create("berlin", "f").await.expect("created over their purge");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_to_a_server_that_is_killed_is_known_or_unknown() {
    let (mut server, bus, _context) = both().await;
    let bucket = bus.ensure_bucket(&BucketConfig::new("places")).await.expect("a bucket");
    let mut revision = bucket.put("count", "0").await.expect("written");
    let writing = tokio::spawn(async move {
        for number in 1..300 {
            revision = bucket.update("count", number.to_string(), revision).await?;
        }
        Ok::<_, KvError>((bucket, revision))
    });
    for _ in 0..2 {
        server.restart().await.expect("back");
    }
    // Alone on the key, and so never overtaken: each change is known in the end.
    let (bucket, revision) = writing.await.expect("no panic").expect("written");
    let entry = bucket.get("count").await.expect("readable").expect("a value");
    assert_eq!((&entry.value[..], entry.revision), (&b"299"[..], revision));
    assert_eq!(revision, 300, "none of them twice");
}

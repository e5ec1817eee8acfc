use std::time::Duration;

use futures_util::future::join_all;
use tidings::kv::{Bucket, BucketConfig, KvError};
use tidings::{BrokerError, Tidings};

use super::on_both_brokers;
use crate::fixture::until;

on_both_brokers!(
    what_was_put_is_read,
    of_many_who_create_a_key_one_succeeds,
    an_update_counts_only_after_what_it_knows,
    a_deleted_key_can_be_created_again,
    a_purged_key_has_no_past,
    values_grow_old,
    a_full_bucket_takes_nothing_more_and_forgets_nothing,
    a_bucket_that_nobody_created_is_named,
    what_cannot_be_a_name_is_refused,
);

async fn bucket(bus: &Tidings) -> Bucket {
    bus.ensure_bucket(&BucketConfig::new("places")).await.expect("a bucket")
}

async fn text(bucket: &Bucket, key: &str) -> Option<String> {
    let entry = bucket.get(key).await.expect("readable")?;
    Some(String::from_utf8(entry.value.to_vec()).expect("text"))
}

fn conflict(outcome: Result<u64, KvError>) -> u64 {
    match outcome {
        Err(KvError::Conflict { revision, .. }) => revision,
        other => panic!("no conflict: {other:?}"),
    }
}

async fn what_was_put_is_read(bus: Tidings) {
    let bucket = bucket(&bus).await;
    assert_eq!(bucket.get("berlin").await.expect("readable"), None);
    let first = bucket.put("berlin", "a").await.expect("written");
    let second = bucket.put("berlin", "b").await.expect("written");
    bucket.put("berlin.mitte", "c").await.expect("written");
    assert!(second > first);
    let entry = bucket.get("berlin").await.expect("readable").expect("a value");
    assert_eq!((&entry.value[..], entry.revision), (&b"b"[..], second));
    // Another handle, which creates nothing.
    let again = bus.bucket("places").expect("a name");
    assert_eq!(text(&again, "berlin.mitte").await.as_deref(), Some("c"));
    bus.ensure_bucket(&BucketConfig::new("places")).await.expect("nothing to change");
    assert_eq!(text(&again, "berlin").await.as_deref(), Some("b"));
}

async fn of_many_who_create_a_key_one_succeeds(bus: Tidings) {
    let bucket = bucket(&bus).await;
    let all = (0..20).map(|number| {
        let bucket = bucket.clone();
        async move { bucket.create("lock", number.to_string()).await.map(|_| number) }
    });
    let outcomes = join_all(all).await;
    let winners: Vec<u64> =
        outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).copied().collect();
    let [winner] = winners.as_slice() else { panic!("one, not {winners:?}") };
    assert_eq!(text(&bucket, "lock").await, Some(winner.to_string()));
    let revision = bucket.get("lock").await.expect("readable").expect("a value").revision;
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert_eq!(conflict(outcome), revision);
    }
}

async fn an_update_counts_only_after_what_it_knows(bus: Tidings) {
    let bucket = bucket(&bus).await;
    let first = bucket.update("count", "1", 0).await.expect("the first value");
    let second = bucket.update("count", "2", first).await.expect("nobody was faster");
    assert_eq!(conflict(bucket.update("count", "3", first).await), second);
    assert_eq!(conflict(bucket.update("count", "3", 0).await), second);
    assert_eq!(text(&bucket, "count").await.as_deref(), Some("2"));
}

async fn a_deleted_key_can_be_created_again(bus: Tidings) {
    let bucket = bucket(&bus).await;
    bucket.delete("berlin").await.expect("nothing is wrong with that");
    bucket.create("berlin", "a").await.expect("created");
    bucket.delete("berlin").await.expect("deleted");
    assert_eq!(text(&bucket, "berlin").await, None);
    bucket.create("berlin", "b").await.expect("created again");
    bucket.purge("berlin").await.expect("purged");
    assert_eq!(text(&bucket, "berlin").await, None);
    let created = bucket.create("berlin", "c").await.expect("created once more");
    assert_eq!(conflict(bucket.create("berlin", "d").await), created);
    assert_eq!(text(&bucket, "berlin").await.as_deref(), Some("c"));
}

async fn a_purged_key_has_no_past(bus: Tidings) {
    let config = BucketConfig::new("places").history(5);
    let bucket = bus.ensure_bucket(&config).await.expect("a bucket");
    for value in ["a", "b"] {
        bucket.put("berlin", value).await.expect("written");
    }
    let before = bucket.put("bremen", "c").await.expect("written");
    bucket.purge("berlin").await.expect("purged");
    assert_eq!(text(&bucket, "berlin").await, None);
    assert_eq!(text(&bucket, "bremen").await.as_deref(), Some("c"), "others keep theirs");
    let after = bucket.put("berlin", "d").await.expect("written");
    assert_eq!(after, before + 2, "the purge is a change as well");
}

async fn values_grow_old(bus: Tidings) {
    let config = BucketConfig::new("places").max_age(Duration::from_secs(1));
    let bucket = bus.ensure_bucket(&config).await.expect("a bucket");
    bucket.put("berlin", "a").await.expect("written");
    assert_eq!(text(&bucket, "berlin").await.as_deref(), Some("a"));
    until("it is forgotten", async || text(&bucket, "berlin").await.is_none()).await;
    bucket.create("berlin", "b").await.expect("as new");
}

async fn a_full_bucket_takes_nothing_more_and_forgets_nothing(bus: Tidings) {
    let config = BucketConfig::new("places").max_bytes(3000);
    let bucket = bus.ensure_bucket(&config).await.expect("a bucket");
    bucket.put("berlin", vec![b'x'; 2000]).await.expect("written");
    let full = bucket.put("bremen", vec![b'x'; 2000]).await.expect_err("full");
    let KvError::Broker { source: BrokerError::Refused { code: 10077, .. }, .. } = full else {
        panic!("{full:?}");
    };
    assert!(bucket.get("berlin").await.expect("readable").is_some());
    assert!(bucket.get("bremen").await.expect("readable").is_none());
}

async fn a_bucket_that_nobody_created_is_named(bus: Tidings) {
    let bucket = bus.bucket("nowhere").expect("a name");
    let error = bucket.get("berlin").await.expect_err("no bucket");
    assert!(error.to_string().contains("nowhere"), "{error}");
    let KvError::Broker { source: BrokerError::StreamMissing(_), .. } = error else {
        panic!("{error:?}");
    };
}

async fn what_cannot_be_a_name_is_refused(bus: Tidings) {
    assert!(matches!(bus.bucket("a.b"), Err(KvError::BucketName { .. })));
    let bucket = bucket(&bus).await;
    for key in ["", ".a", "a..b", "a b", "*", "a.>"] {
        let error = bucket.put(key, "x").await.expect_err("no key");
        assert!(matches!(error, KvError::Key { .. }), "{key:?}: {error:?}");
        assert!(matches!(bucket.get(key).await, Err(KvError::Key { .. })), "{key:?}");
    }
}

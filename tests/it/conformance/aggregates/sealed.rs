//! Aggregates whose events have encrypted fields, and their snapshots.

use std::error::Error;
use std::num::NonZeroU64;

use tidings::Tidings;
use tidings::aggregate::{LoadError, Loaded};
use tidings::encryption::ERASED;
use tidings::kv::{Bucket, BucketConfig};

use super::card::{nobody_can_append, too_old};
use super::locker::{Locker, LockerEvent, Lockers, RENTER, THINGS, Vault, janitor, opened, rented};
use crate::conformance::on_both_brokers;
use crate::fixture::until;

on_both_brokers!(
    a_snapshot_is_encrypted_with_what_it_is_made_of,
    what_was_erased_does_not_come_back_from_a_snapshot,
    a_snapshot_opens_in_its_own_place_alone,
    while_the_keys_are_away_nothing_is_taken_for_erased,
);

const EVERY: NonZeroU64 = NonZeroU64::new(4).expect("not zero");
const KEY: &str = "lockers.locker.locker.v1.l-1";

async fn bucket(bus: &Tidings) -> Bucket {
    bus.ensure_bucket(&BucketConfig::new("lockers")).await.expect("a bucket")
}

/// A locker that was rented and opened four times, and its snapshot; none where the server is too old.
async fn filled(bus: &Tidings, bucket: &Bucket) -> Option<(Lockers, Loaded<Locker>)> {
    if nobody_can_append(bus).await {
        return None;
    }
    let lockers: Lockers = janitor(bus).aggregates().snapshots(bucket.clone(), EVERY);
    let mut locker = lockers.load("l-1").await.expect("readable");
    let first = lockers.append(&mut locker, [LockerEvent::from(rented("l-1", 100))]).await;
    if too_old(&first) {
        return None;
    }
    first.expect("appended");
    for _ in 0..4 {
        lockers.append(&mut locker, [LockerEvent::from(opened("l-1"))]).await.expect("appended");
    }
    until("a snapshot", async || bucket.get(KEY).await.expect("readable").is_some()).await;
    Some((lockers, locker))
}

async fn a_snapshot_is_encrypted_with_what_it_is_made_of(bus: Tidings) {
    let vault = Vault::of(&bus);
    let bucket = bucket(&bus).await;
    let Some((lockers, whole)) = filled(&bus, &bucket).await else { return };
    let entry = bucket.get(KEY).await.expect("readable").expect("a snapshot");
    let text = String::from_utf8(entry.value.to_vec()).expect("text");
    assert!(!text.contains(RENTER) && !text.contains(THINGS) && text.contains("enc1."), "{text}");
    let locker = lockers.load("l-1").await.expect("readable");
    assert_eq!((locker.version(), locker.applied), (5, 1), "only what came behind the fourth");
    assert_eq!(locker.renter.as_deref(), Some(RENTER));
    assert_eq!((locker.things.clone(), locker.opened), (whole.things.clone(), 4));
    vault.keys.rotate("acme").expect("rotated");
    assert_eq!(lockers.load("l-1").await.expect("readable").applied, 1, "with the old key");
}

async fn what_was_erased_does_not_come_back_from_a_snapshot(bus: Tidings) {
    let vault = Vault::of(&bus);
    let bucket = bucket(&bus).await;
    let Some((lockers, _)) = filled(&bus, &bucket).await else { return };
    vault.keys.erase("acme");
    for _ in 0..2 {
        let locker = lockers.load("l-1").await.expect("readable all the same");
        assert_eq!((locker.version(), locker.applied), (5, 5), "from its events");
        assert_eq!((locker.renter.as_deref(), &locker.things), (Some(ERASED), &None));
        assert_eq!(locker.opened, 4);
    }
}

async fn a_snapshot_opens_in_its_own_place_alone(bus: Tidings) {
    let _vault = Vault::of(&bus);
    let bucket = bucket(&bus).await;
    let Some((lockers, _)) = filled(&bus, &bucket).await else { return };
    let mut other = lockers.load("l-2").await.expect("readable");
    lockers.append(&mut other, [LockerEvent::from(opened("l-2"))]).await.expect("appended");
    let entry = bucket.get(KEY).await.expect("readable").expect("a snapshot");
    let mut moved: serde_json::Value = serde_json::from_slice(&entry.value).expect("JSON");
    (moved["sequence"], moved["event"]) =
        (other.last_sequence().into(), serde_json::Value::from("unknown"));
    bucket.put("lockers.locker.locker.v1.l-2", moved.to_string()).await.expect("written");
    let other = lockers.load("l-2").await.expect("readable all the same");
    assert_eq!((other.version(), other.renter.as_deref()), (1, None));
    // In the plain, as somebody else would write it, it is not used.
    moved["state"] = serde_json::json!({ "renter": "Mallory", "things": null, "opened": 99 });
    bucket.put(KEY, moved.to_string()).await.expect("written");
    assert_eq!(lockers.load("l-1").await.expect("readable").opened, 4);
}

async fn while_the_keys_are_away_nothing_is_taken_for_erased(bus: Tidings) {
    let vault = Vault::of(&bus);
    let bucket = bucket(&bus).await;
    let Some((lockers, _)) = filled(&bus, &bucket).await else { return };
    vault.leave();
    let error = lockers.load("l-1").await.expect_err("nobody opens it");
    assert!(matches!(error, LoadError::Event { sequence: 2, .. }), "{error:?}");
    assert!(error.is_transient(), "{error:?}");
    let mut chain = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        chain.push(error.to_string());
        cause = error.source();
    }
    assert!(chain.iter().any(|words| words == "a holiday"), "{chain:?}");
    vault.come_back();
    assert_eq!(lockers.load("l-1").await.expect("readable").renter.as_deref(), Some(RENTER));
    let other = bus.history::<Locker>().organization("globex").load("l-1").await;
    assert!(!other.expect_err("of acme").is_transient());
}

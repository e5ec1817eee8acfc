use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};
use tidings::Tidings;
use tidings::aggregate::{Aggregate, Snapshot};
use tidings::kv::{Bucket, BucketConfig};

use super::card::{Card, CardEvent, Cards, cards, charged, issued, nobody_can_append};
use crate::conformance::on_both_brokers;
use crate::fixture::catalog::postage;
use crate::fixture::until;

on_both_brokers!(
    a_snapshot_saves_reading_what_came_before_it,
    a_snapshot_of_another_version_is_not_used,
    a_snapshot_of_another_type_is_not_used,
    a_snapshot_that_has_counted_wrong_is_not_used,
    a_snapshot_that_cannot_be_read_is_not_used,
    a_snapshot_of_another_history_is_not_used,
    without_its_bucket_everything_is_read,
    a_load_writes_the_snapshot_that_is_missing,
);

const EVERY: NonZeroU64 = NonZeroU64::new(5).expect("not zero");

async fn bucket(bus: &Tidings) -> Bucket {
    bus.ensure_bucket(&BucketConfig::new("cards")).await.expect("a bucket")
}

/// Appends so many events, one at a time.
async fn fill(cards: &Cards, id: &str, count: u64) {
    let mut card = cards.load(id).await.expect("readable");
    for _ in 0..count {
        cards.append(&mut card, [charged(id, 1)]).await.expect("appended");
    }
}

async fn written(bucket: &Bucket, key: &str) {
    until("the snapshot is written", async || bucket.get(key).await.expect("readable").is_some())
        .await;
}

async fn a_snapshot_saves_reading_what_came_before_it(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let bucket = bucket(&bus).await;
    let cards = cards(&bus).snapshots(bucket.clone(), EVERY);
    fill(&cards, "c-1", 7).await;
    written(&bucket, "postage.card.card.v1.c-1").await;
    let card = cards.load("c-1").await.expect("readable");
    assert_eq!((card.version(), card.cents, card.last_sequence()), (7, 7, 7));
    assert_eq!(card.applied, 2, "only what came behind the fifth");
    let whole = super::card::cards(&bus).load("c-1").await.expect("readable");
    assert_eq!((whole.cents, whole.applied), (7, 7));
    // It can be appended to as any other.
    let mut card = card;
    cards.append(&mut card, [charged("c-1", 10)]).await.expect("up to date");
    assert_eq!(cards.load("c-1").await.expect("readable").cents, 17);
}

async fn a_snapshot_of_another_version_is_not_used(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    /// A card of a later time, which counts how often it was charged.
    #[derive(Debug, Default, Serialize, Deserialize)]
    struct Card {
        charges: u64,
    }

    impl Aggregate for Card {
        type Kind = postage::aggregates::Card;
        type Event = CardEvent;

        fn apply(&mut self, event: CardEvent) {
            self.charges += u64::from(matches!(event, CardEvent::Charged(_)));
        }
    }

    impl Snapshot for Card {
        const NAME: &'static str = "card";
        const VERSION: u32 = 2;
    }

    let bucket = bucket(&bus).await;
    fill(&cards(&bus).snapshots(bucket.clone(), EVERY), "c-1", 6).await;
    written(&bucket, "postage.card.card.v1.c-1").await;
    let later = bus.history::<Card>().snapshots(bucket.clone(), EVERY);
    assert_eq!(later.load("c-1").await.expect("readable").charges, 6);
    // Each version has its own, whichever of them is written last.
    written(&bucket, "postage.card.card.v2.c-1").await;
    let earlier = bus.history::<super::card::Card>().snapshots(bucket, EVERY);
    assert_eq!(earlier.load("c-1").await.expect("readable").cents, 6);
    assert_eq!(later.load("c-1").await.expect("readable").charges, 6);
}

/// What was charged, and nothing else: of the same events and in the same words as a card.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Takings {
    holder: Option<String>,
    cents: u64,
}

impl Aggregate for Takings {
    type Kind = postage::aggregates::Card;
    type Event = CardEvent;

    fn apply(&mut self, event: CardEvent) {
        if let CardEvent::Charged(event) = event {
            self.cents += event.cents;
        }
    }
}

impl Snapshot for Takings {
    const NAME: &'static str = "takings";
    const VERSION: u32 = 1;
}

async fn a_snapshot_of_another_type_is_not_used(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let bucket = bucket(&bus).await;
    let cards = cards(&bus).snapshots(bucket.clone(), EVERY);
    let mut card = cards.load("c-1").await.expect("readable");
    for event in [charged("c-1", 5), super::card::spent("c-1", 2)].into_iter().cycle().take(6) {
        cards.append(&mut card, [event]).await.expect("appended");
    }
    written(&bucket, "postage.card.card.v1.c-1").await;
    let takings = bus.history::<Takings>().snapshots(bucket.clone(), EVERY);
    assert_eq!(takings.load("c-1").await.expect("readable").cents, 15);
    written(&bucket, "postage.card.takings.v1.c-1").await;
    for (name, other) in [("card", "takings"), ("takings", "card")] {
        // As if somebody had copied it there.
        let key = |name| format!("postage.card.{name}.v1.c-1");
        let entry = bucket.get(&key(name)).await.expect("readable").expect("a snapshot");
        bucket.put(&key(other), entry.value).await.expect("written");
        assert_eq!(takings.load("c-1").await.expect("readable").cents, 15);
        assert_eq!(cards.load("c-1").await.expect("readable").cents, 9);
    }
}

async fn a_snapshot_that_has_counted_wrong_is_not_used(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let bucket = bucket(&bus).await;
    let cards = cards(&bus).snapshots(bucket.clone(), EVERY);
    fill(&cards, "c-1", 6).await;
    written(&bucket, "postage.card.card.v1.c-1").await;
    let entry = bucket.get("postage.card.card.v1.c-1").await.expect("readable").expect("one");
    let mut wrong: serde_json::Value = serde_json::from_slice(&entry.value).expect("JSON");
    wrong["events"] = 7.into();
    bucket.put("postage.card.card.v1.c-1", wrong.to_string()).await.expect("written");
    let card = cards.load("c-1").await.expect("the stream has no gap");
    assert_eq!((card.version(), card.applied), (6, 6));
}

async fn a_snapshot_that_cannot_be_read_is_not_used(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let bucket = bucket(&bus).await;
    fill(&cards(&bus), "c-1", 3).await;
    let cards = cards(&bus).snapshots(bucket.clone(), EVERY);
    for garbage in ["", "{}", "not JSON", "{\"version\":1,\"events\":9}"] {
        bucket.put("postage.card.card.v1.c-1", garbage).await.expect("written");
        let card = cards.load("c-1").await.expect("readable all the same");
        assert_eq!((card.version(), card.applied), (3, 3), "{garbage:?}");
    }
}

async fn a_snapshot_of_another_history_is_not_used(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let bucket = bucket(&bus).await;
    let cards = cards(&bus).snapshots(bucket.clone(), EVERY);
    fill(&cards, "c-1", 5).await;
    fill(&cards, "c-2", 4).await;
    written(&bucket, "postage.card.card.v1.c-1").await;
    // As if the stream had been made anew: at that place there is another event, or none.
    let entry =
        bucket.get("postage.card.card.v1.c-1").await.expect("readable").expect("a snapshot");
    let mut other: serde_json::Value = serde_json::from_slice(&entry.value).expect("JSON");
    for (sequence, event) in [(5, "another"), (4, ""), (9, ""), (1000, "")] {
        other["sequence"] = sequence.into();
        if !event.is_empty() {
            other["event"] = event.into();
        }
        for id in ["c-1", "c-2"] {
            let key = format!("postage.card.card.v1.{id}");
            bucket.put(&key, other.to_string()).await.expect("written");
            let card = cards.load(id).await.expect("readable all the same");
            let count = if id == "c-1" { 5 } else { 4 };
            assert_eq!(
                (card.version(), card.cents, card.applied),
                (count, count, count),
                "{other}"
            );
        }
    }
}

async fn without_its_bucket_everything_is_read(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let nowhere = bus.bucket("nowhere").expect("a name");
    let cards = cards(&bus).snapshots(nowhere, EVERY);
    fill(&cards, "c-1", 6).await;
    let card = cards.load("c-1").await.expect("readable all the same");
    assert_eq!((card.version(), card.applied), (6, 6));
}

async fn a_load_writes_the_snapshot_that_is_missing(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let bucket = bucket(&bus).await;
    // Such an id is no key.
    let id = "Grüße/%1";
    let mut card = cards(&bus).load(id).await.expect("readable");
    cards(&bus).append(&mut card, [issued(id, "Ada")]).await.expect("appended");
    fill(&cards(&bus), id, 4).await;
    let history = bus.history::<Card>().snapshots(bucket.clone(), EVERY);
    assert_eq!(history.load(id).await.expect("readable").applied, 5);
    written(&bucket, "postage.card.card.v1.Gr=C3=BC=C3=9Fe=2F=251").await;
    assert_eq!(history.load(id).await.expect("readable").applied, 0);
}

use std::num::NonZeroU64;

use tidings::EventUnion;
use tidings::aggregate::Aggregate;
use tidings::kv::Bucket;
use tidings_tests::catalog::kiosk;
use tidings_tests::catalog::postage::{self, CardCharged, CardIssued, CardRenamed, CardSpent};

#[derive(EventUnion)]
enum CardEvent {
    Issued(CardIssued),
    Charged(CardCharged),
    Spent(CardSpent),
    Renamed(CardRenamed),
}

#[derive(Default)]
struct Card;

impl Aggregate for Card {
    type Kind = postage::aggregates::Card;
    type Event = CardEvent;

    fn apply(&mut self, _: CardEvent) {}
}

fn cards(publisher: &kiosk::Publisher, bucket: Bucket) {
    let _ = publisher.aggregates::<Card>().snapshots(bucket, NonZeroU64::MIN);
}

fn main() {
    let _ = cards;
}

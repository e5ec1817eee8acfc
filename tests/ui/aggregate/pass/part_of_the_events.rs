#![deny(warnings)]

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};
use tidings::EventUnion;
use tidings::aggregate::{Aggregate, AppendError, Snapshot};
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

/// What is decided.
#[derive(EventUnion)]
enum Payment {
    Charged(CardCharged),
    Spent(CardSpent),
}

impl From<Payment> for CardEvent {
    fn from(payment: Payment) -> Self {
        match payment {
            Payment::Charged(event) => Self::Charged(event),
            Payment::Spent(event) => Self::Spent(event),
        }
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Card;

impl Aggregate for Card {
    type Kind = postage::aggregates::Card;
    type Event = CardEvent;

    fn apply(&mut self, _: CardEvent) {}
}

impl Snapshot for Card {
    const NAME: &'static str = "card";
    const VERSION: u32 = 1;
}

async fn pay(publisher: kiosk::Publisher, bucket: Bucket, payment: Payment) -> Result<(), AppendError> {
    let cards = publisher.aggregates::<Card>().snapshots(bucket, NonZeroU64::MIN);
    let mut card = cards.load("c-1").await.expect("readable");
    cards.append(&mut card, [payment]).await?;
    Ok(())
}

fn main() {
    let _ = pay;
}

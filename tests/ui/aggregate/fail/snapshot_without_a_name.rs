use serde::{Deserialize, Serialize};
use tidings::EventUnion;
use tidings::aggregate::{Aggregate, Snapshot};
use tidings_tests::catalog::postage::{self, CardCharged, CardIssued, CardRenamed, CardSpent};

#[derive(EventUnion)]
enum CardEvent {
    Issued(CardIssued),
    Charged(CardCharged),
    Spent(CardSpent),
    Renamed(CardRenamed),
}

#[derive(Default, Serialize, Deserialize)]
struct Card;

impl Aggregate for Card {
    type Kind = postage::aggregates::Card;
    type Event = CardEvent;

    fn apply(&mut self, _: CardEvent) {}
}

impl Snapshot for Card {
    const VERSION: u32 = 1;
}

fn main() {}

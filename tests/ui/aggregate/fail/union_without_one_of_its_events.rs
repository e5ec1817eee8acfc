use tidings::EventUnion;
use tidings::aggregate::Aggregate;
use tidings_tests::catalog::postage::{self, CardCharged, CardIssued, CardSpent};

#[derive(EventUnion)]
enum CardEvent {
    Issued(CardIssued),
    Charged(CardCharged),
    Spent(CardSpent),
}

#[derive(Default)]
struct Card;

impl Aggregate for Card {
    type Kind = postage::aggregates::Card;
    type Event = CardEvent;

    fn apply(&mut self, _: CardEvent) {}
}

fn main() {}

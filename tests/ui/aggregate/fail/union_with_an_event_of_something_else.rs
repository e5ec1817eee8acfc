use tidings::EventUnion;
use tidings::aggregate::Aggregate;
use tidings_tests::catalog::parcels::ParcelSent;
use tidings_tests::catalog::postage::{self, CardCharged, CardIssued, CardRenamed, CardSpent};

#[derive(EventUnion)]
enum CardEvent {
    Issued(CardIssued),
    Charged(CardCharged),
    Spent(CardSpent),
    Renamed(CardRenamed),
    Sent(ParcelSent),
}

#[derive(Default)]
struct Card;

impl Aggregate for Card {
    type Kind = postage::aggregates::Card;
    type Event = CardEvent;

    fn apply(&mut self, _: CardEvent) {}
}

fn main() {}

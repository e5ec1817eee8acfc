use tidings::EventUnion;
use tidings::aggregate::{Aggregate, AppendError};
use tidings_tests::catalog::postage::{self, CardCharged, CardIssued, CardRenamed, CardSpent};
use tidings_tests::catalog::courier;

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

async fn append(publisher: courier::Publisher, event: CardEvent) -> Result<(), AppendError> {
    let cards = publisher.aggregates::<Card>();
    let mut card = cards.load("c-1").await.expect("readable");
    cards.append(&mut card, [event]).await?;
    Ok(())
}

fn main() {
    let _ = append;
}

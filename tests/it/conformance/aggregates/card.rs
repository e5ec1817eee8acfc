//! An aggregate: a card, and what is left on it.

use serde::{Deserialize, Serialize};
use tidings::aggregate::{Aggregate, AppendError, ExecuteError, Snapshot};
use tidings::{BrokerError, EventUnion, PublishError, Tidings};

use crate::fixture::catalog::kiosk;
use crate::fixture::catalog::postage::{self, CardCharged, CardIssued, CardRenamed, CardSpent};

pub(crate) type Cards = tidings::aggregate::Aggregates<Card, kiosk::Service>;

#[derive(Clone, Debug, PartialEq, EventUnion)]
pub(crate) enum CardEvent {
    Issued(CardIssued),
    Charged(CardCharged),
    Spent(CardSpent),
    Renamed(Box<CardRenamed>),
}

/// What is left on a card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) holder: Option<String>,
    pub(crate) cents: u64,
    /// So many events were applied to this value itself, and not to what it was written down from.
    #[serde(skip)]
    pub(crate) applied: u64,
}

impl Aggregate for Card {
    type Kind = postage::aggregates::Card;
    type Event = CardEvent;

    fn apply(&mut self, event: CardEvent) {
        self.applied += 1;
        match event {
            CardEvent::Issued(event) => self.holder = Some(event.holder),
            CardEvent::Charged(event) => self.cents += event.cents,
            CardEvent::Spent(event) => {
                self.cents = self.cents.checked_sub(event.cents).expect("never below zero");
            }
            CardEvent::Renamed(event) => self.holder = Some(event.holder),
        }
    }
}

impl Snapshot for Card {
    const NAME: &'static str = "card";
    const VERSION: u32 = 1;
}

/// It was decided against.
#[derive(Debug, PartialEq)]
pub(crate) struct TooLittle;

impl Card {
    pub(crate) fn spend(&self, card: &str, cents: u64) -> Result<Vec<CardEvent>, TooLittle> {
        if self.cents < cents {
            return Err(TooLittle);
        }
        Ok(vec![spent(card, cents)])
    }
}

pub(crate) fn cards(bus: &Tidings) -> Cards {
    kiosk::Publisher::new(bus).organization("acme").aggregates()
}

pub(crate) fn issued(card: &str, holder: &str) -> CardEvent {
    CardIssued { card_id: card.to_owned(), holder: holder.to_owned() }.into()
}

pub(crate) fn charged(card: &str, cents: u64) -> CardEvent {
    CardCharged { card_id: card.to_owned(), cents }.into()
}

pub(crate) fn spent(card: &str, cents: u64) -> CardEvent {
    CardSpent { card_id: card.to_owned(), cents }.into()
}

pub(crate) fn renamed(card: &str, holder: &str) -> CardEvent {
    CardRenamed { card_id: card.to_owned(), holder: holder.to_owned() }.into()
}

/// Whether the server is too old; then it has been said.
pub(crate) fn too_old<T>(result: &Result<T, AppendError>) -> bool {
    matches!(
        result,
        Err(AppendError::Publish(PublishError::Rejected {
            source: BrokerError::ServerTooOld { .. },
            ..
        }))
    )
}

/// Whether the server is too old to be appended to at all. It is asked with what no server would store.
pub(crate) async fn nobody_can_append(bus: &Tidings) -> bool {
    let cards = cards(bus);
    let mut card = cards.load("probe").await.expect("readable on every server");
    let error = cards.append(&mut card, [issued("probe", &"x".repeat(2 << 20))]).await;
    let error = error.expect_err("two megabytes");
    let AppendError::Publish(PublishError::Rejected { source, .. }) = &error else {
        panic!("{error:?}");
    };
    match source {
        BrokerError::TooLarge { .. } => false,
        BrokerError::ServerTooOld { needed: "2.11", server, .. } => server.starts_with("2.10"),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn is_too_little<T>(result: &Result<T, ExecuteError<TooLittle>>) -> bool {
    matches!(result, Err(ExecuteError::Refused(TooLittle)))
}

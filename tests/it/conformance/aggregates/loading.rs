use std::time::Duration;

use tidings::aggregate::LoadError;
use tidings::catalog::{Catalog, Storage, StreamLimits, StreamSpec};
use tidings::testing::NatsServer;
use tidings::{Config, Tidings};
use tokio::sync::Mutex;

use super::card::{Card, CardEvent, cards, charged, issued, nobody_can_append, spent};
use crate::conformance::on_both_brokers;
use crate::fixture::catalog::{CATALOG, kiosk, postage};
use crate::fixture::until;

on_both_brokers!(
    old_versions_are_upcast,
    what_was_published_otherwise_counts,
    a_long_history_is_whole,
    an_event_that_cannot_be_read_is_named,
    another_organizations_aggregate_is_refused,
    an_aggregate_can_be_brought_up_to_date,
);

fn kiosk(bus: &Tidings) -> kiosk::Publisher {
    kiosk::Publisher::new(bus).organization("acme")
}

async fn old_versions_are_upcast(bus: Tidings) {
    let old = postage::v1::CardCharged { card_id: "c-1".into(), euros: 3 };
    kiosk(&bus).publish(old).await.expect("stored");
    let card = cards(&bus).load("c-1").await.expect("readable");
    assert_eq!((card.version(), card.cents), (1, 300));
}

async fn what_was_published_otherwise_counts(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus);
    let mut card = cards.load("c-1").await.expect("readable");
    cards.append(&mut card, [charged("c-1", 100)]).await.expect("appended");
    let CardEvent::Spent(event) = spent("c-1", 60) else { unreachable!() };
    kiosk(&bus).publish(event).await.expect("stored");
    let error = cards.append(&mut card, [spent("c-1", 60)]).await.expect_err("too much");
    assert!(error.to_string().contains("has moved on"), "{error}");
    cards.refresh(&mut card).await.expect("readable");
    cards.append(&mut card, [spent("c-1", 40)]).await.expect("appended");
    assert_eq!(cards.load("c-1").await.expect("readable").version(), 3);
}

async fn a_long_history_is_whole(bus: Tidings) {
    const COUNT: u64 = 2300;
    let publisher = kiosk(&bus);
    for number in 0..COUNT {
        // Between them, those of others.
        for card in ["c-1", "c-2"] {
            let CardEvent::Charged(event) = charged(card, number + 1) else { unreachable!() };
            publisher.publish(event).in_background().expect("room");
        }
        if number % 1000 == 0 {
            bus.flush().await;
        }
    }
    bus.flush().await;
    let card = cards(&bus).load("c-1").await.expect("readable");
    assert_eq!((card.version(), card.cents), (COUNT, COUNT * (COUNT + 1) / 2));
    assert!(card.last_sequence() >= 2 * COUNT - 1, "{}", card.last_sequence());
}

async fn an_event_that_cannot_be_read_is_named(bus: Tidings) {
    let publisher = kiosk(&bus);
    let CardEvent::Charged(event) = charged("c-1", 5) else { unreachable!() };
    publisher.publish(event).await.expect("stored");
    let old = postage::v1::CardCharged { card_id: "c-1".into(), euros: u64::MAX };
    let stored = publisher.publish(old).await.expect("stored");
    let error = cards(&bus).load("c-1").await.expect_err("nobody has so much");
    let LoadError::Event { sequence, .. } = &error else { panic!("{error:?}") };
    assert_eq!(Some(*sequence), stored.sequence);
    let words = std::error::Error::source(&error).expect("a reason").to_string();
    assert!(words.contains("nobody has so much"), "{words}");
}

/// The stream of cards, as one that forgets.
static FORGETFUL: [StreamSpec; 1] = [StreamSpec {
    name: "POSTAGE_EVENTS",
    subjects: &["postage.>"],
    ownership: tidings::catalog::Ownership::Managed,
    bulk: false,
    limits: StreamLimits {
        storage: Storage::File,
        max_age: Some(Duration::from_secs(1)),
        max_bytes: None,
        replicas: 1,
        duplicate_window: Duration::from_secs(1),
    },
    environments: &[],
}];

#[tokio::test(start_paused = true)]
async fn what_the_embedded_broker_has_let_go_of_is_missed() {
    what_the_stream_has_let_go_of_is_missed(Tidings::embedded()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_has_let_go_of_is_missed() {
    let server = NatsServer::start().await.expect("a server");
    let bus = Tidings::connect(Config::new(server.url())).await.expect("a connection");
    what_the_stream_has_let_go_of_is_missed(bus).await;
}

async fn what_the_stream_has_let_go_of_is_missed(bus: Tidings) {
    let forgetful = Catalog { streams: &FORGETFUL, subscriptions: &[], ..CATALOG };
    bus.ensure(&forgetful).await.expect("a stream may forget");
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus);
    let card = Mutex::new(cards.load("c-1").await.expect("readable"));
    until("the first event is forgotten", async || {
        let mut card = card.lock().await;
        cards.append(&mut card, [charged("c-1", 1)]).await.expect("appended");
        match cards.load("c-1").await {
            Err(LoadError::Gap { expected: 1, found, .. }) => found > 1,
            whole => {
                assert_eq!(whole.expect("whole").version(), card.version());
                false
            }
        }
    })
    .await;
}

async fn another_organizations_aggregate_is_refused(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus);
    let mut card = cards.load("c-1").await.expect("readable");
    cards.append(&mut card, [issued("c-1", "Ada")]).await.expect("appended");
    let others = kiosk::Publisher::new(&bus).organization("globex").aggregates::<Card>();
    let error = others.load("c-1").await.expect_err("of acme");
    assert!(matches!(error, LoadError::OtherOrganization { .. }), "{error:?}");
    let error = bus.history::<Card>().organization("globex").load("c-1").await.expect_err("acme");
    assert!(error.to_string().contains("globex"), "{error}");
    assert_eq!(bus.history::<Card>().load("c-1").await.expect("whoever it is").version(), 1);
}

async fn an_aggregate_can_be_brought_up_to_date(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus);
    let mut card = cards.load("c-1").await.expect("readable");
    let mut other = cards.load("c-1").await.expect("readable");
    for cents in [1, 2, 3] {
        cards.append(&mut card, [charged("c-1", cents)]).await.expect("appended");
    }
    cards.refresh(&mut other).await.expect("readable");
    assert_eq!((other.version(), other.cents, other.applied), (3, 6, 3));
}

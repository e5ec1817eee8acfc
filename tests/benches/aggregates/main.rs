//! How fast aggregates are filled, loaded from snapshots, and loaded from all of their events, on a server of its own.
//!
//! `cargo bench -p tidings-tests --bench aggregates -- --aggregates 1000 --events 10000`; without the two, a hundred of a
//! thousand events each.

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use tidings::aggregate::{Aggregate, Aggregates, Snapshot};
use tidings::kv::BucketConfig;
use tidings::testing::NatsServer;
use tidings::{Config, EventUnion, Tidings};
use tidings_tests::catalog::postage::{self, CardCharged, CardIssued, CardRenamed, CardSpent};
use tidings_tests::catalog::{CATALOG, kiosk};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Events of one append, the most that the server stores together.
const TOGETHER: u64 = 1000;
/// Aggregates that are filled at once.
const AT_ONCE: usize = 4;
/// Of which so many are loaded from all of their events.
const WHOLE: u64 = 20;

#[derive(EventUnion)]
enum CardEvent {
    Issued(CardIssued),
    Charged(CardCharged),
    Spent(CardSpent),
    Renamed(CardRenamed),
}

#[derive(Default, Serialize, Deserialize)]
struct Card {
    holder: Option<String>,
    cents: u64,
}

impl Aggregate for Card {
    type Kind = postage::aggregates::Card;
    type Event = CardEvent;

    fn apply(&mut self, event: CardEvent) {
        match event {
            CardEvent::Issued(event) => self.holder = Some(event.holder),
            CardEvent::Charged(event) => self.cents += event.cents,
            CardEvent::Spent(event) => self.cents = self.cents.saturating_sub(event.cents),
            CardEvent::Renamed(event) => self.holder = Some(event.holder),
        }
    }
}

impl Snapshot for Card {
    const NAME: &'static str = "card";
    const VERSION: u32 = 1;
}

type Cards = Aggregates<Card, kiosk::Service>;

#[tokio::main]
async fn main() -> Outcome {
    let (aggregates, events) = arguments(std::env::args().skip(1))?;
    let server = NatsServer::start().await?;
    let bus = Tidings::connect(Config::new(server.url())).await?;
    bus.ensure(&CATALOG).await?;
    let bucket = bus.ensure_bucket(&BucketConfig::new("cards")).await?;
    let every = NonZeroU64::new(TOGETHER).ok_or("not zero")?;
    let publisher = kiosk::Publisher::new(&bus).organization("acme");
    let plain: Cards = publisher.aggregates();
    let cards = plain.clone().snapshots(bucket, every);
    println!("nats-server {}, {aggregates} aggregates of {events} events", server.version());

    let begun = Instant::now();
    let filling = stream::iter(0..aggregates).map(|card| fill(&cards, card, events));
    let filled: Vec<Outcome> = filling.buffer_unordered(AT_ONCE).collect().await;
    filled.into_iter().collect::<Outcome>()?;
    let rate = (aggregates * events) as f64 / begun.elapsed().as_secs_f64();
    println!("{:28}{rate:>12.0} events/s", "appended, 1,000 at a time");

    report("loaded from a snapshot", &load(&cards, 0..aggregates, events).await?);
    report("appended, one event", &append(&cards, aggregates.min(100)).await?);
    report("loaded from all events", &load(&plain, 0..aggregates.min(WHOLE), events + 1).await?);
    Ok(())
}

fn arguments(mut args: impl Iterator<Item = String>) -> Outcome<(u64, u64)> {
    let (mut aggregates, mut events) = (100, 1000);
    while let Some(arg) = args.next() {
        let mut number = || {
            args.next()
                .ok_or(format!("`{arg}` takes a number"))?
                .parse()
                .map_err(|_| format!("`{arg}` takes a number"))
        };
        match arg.as_str() {
            "--aggregates" => aggregates = number()?,
            "--events" => events = number()?,
            // Cargo says so to every benchmark.
            "--bench" => {}
            other => {
                return Err(
                    format!("it takes `--aggregates N` and `--events N`, not `{other}`").into()
                );
            }
        }
    }
    Ok((aggregates, events))
}

fn id(card: u64) -> String {
    format!("c-{card}")
}

async fn fill(cards: &Cards, card: u64, events: u64) -> Outcome {
    let mut loaded = cards.load(id(card)).await?;
    while loaded.version() < events {
        let count = TOGETHER.min(events - loaded.version());
        let charged =
            (0..count).map(|_| CardEvent::from(CardCharged { card_id: id(card), cents: 1 }));
        cards.append(&mut loaded, charged).await?;
    }
    Ok(())
}

/// How long each takes, sorted.
async fn load(cards: &Cards, which: std::ops::Range<u64>, events: u64) -> Outcome<Vec<Duration>> {
    let mut took = Vec::new();
    for card in which {
        let begun = Instant::now();
        let loaded = cards.load(id(card)).await?;
        took.push(begun.elapsed());
        if loaded.version() < events.min(loaded.cents) || loaded.cents < loaded.version() {
            return Err(format!("card {card} is made of {} events", loaded.version()).into());
        }
    }
    took.sort();
    Ok(took)
}

async fn append(cards: &Cards, count: u64) -> Outcome<Vec<Duration>> {
    let mut took = Vec::new();
    for card in 0..count {
        let mut loaded = cards.load(id(card)).await?;
        let begun = Instant::now();
        let charged = CardEvent::from(CardCharged { card_id: id(card), cents: 1 });
        cards.append(&mut loaded, [charged]).await?;
        took.push(begun.elapsed());
    }
    took.sort();
    Ok(took)
}

fn report(what: &str, took: &[Duration]) {
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "{what:28}{:>9.2} ms median, {:.2} ms at 99 %, {:.2} ms at most",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

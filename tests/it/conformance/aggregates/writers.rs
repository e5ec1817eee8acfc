use tidings::{Tidings, event_handler};

use tidings::aggregate::AppendError;

use super::card::{Card, TooLittle, cards, charged, issued, nobody_can_append, spent};
use crate::conformance::on_both_brokers;
use crate::fixture::catalog::kiosk;
use crate::fixture::catalog::parcels::ParcelSent;
use crate::fixture::{Running, courier, sent};

on_both_brokers!(
    many_writers_keep_what_must_hold,
    a_handler_that_is_tried_again_appends_once,
    what_was_refused_leaves_the_ids_of_others_alone,
);

const WRITERS: u64 = 6;
const ROUNDS: u64 = 12;
const CARDS: u64 = 2;

/// Random commands by several writers: what they were told adds up to what the cards hold.
pub(crate) async fn work(bus: &Tidings, seed: u64) {
    let writers = (0..WRITERS).map(|writer| {
        let cards = cards(bus).attempts(100);
        tokio::spawn(async move {
            let mut random = fastrand::Rng::with_seed(seed ^ (writer << 32));
            let mut balance = [0_i64; CARDS as usize];
            for _ in 0..ROUNDS {
                let card = random.u64(0..CARDS);
                let (id, cents) = (format!("c-{card}"), random.u64(1..100));
                let spends = random.bool();
                let decided = cards
                    .execute(&id, |card: &Card| match spends {
                        true => card.spend(&id, cents),
                        false => Ok(vec![charged(&id, cents)]),
                    })
                    .await;
                let cents = i64::try_from(cents).expect("little");
                match decided {
                    Ok(_) if spends => balance[card as usize] -= cents,
                    Ok(_) => balance[card as usize] += cents,
                    Err(tidings::aggregate::ExecuteError::Refused(TooLittle)) => assert!(spends),
                    Err(error) => panic!("seed {seed}: {error:?}"),
                }
            }
            balance
        })
    });
    let mut expected = [0_i64; CARDS as usize];
    for writer in writers.collect::<Vec<_>>() {
        let balance = writer.await.expect("no panic");
        for (sum, own) in expected.iter_mut().zip(balance) {
            *sum += own;
        }
    }
    for (card, expected) in expected.into_iter().enumerate() {
        // Each event has its number, so that what was appended twice or not at all would be a gap.
        let card = cards(bus).load(format!("c-{card}")).await.expect("whole");
        assert_eq!(i64::try_from(card.cents), Ok(expected), "seed {seed}");
        assert_eq!(card.version(), card.applied);
    }
}

async fn many_writers_keep_what_must_hold(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let seed = fastrand::u64(..);
    work(&bus, seed).await;
}

/// Pays for parcels, and fails behind the first payment of each.
struct Counter;

#[event_handler]
impl kiosk::Counter for Counter {
    async fn parcel_sent(&self, parcel: ParcelSent, cx: &kiosk::Context) -> tidings::Handled {
        let cards = cx.aggregates::<Card>();
        let card = cards.execute("c-1", |card| card.spend("c-1", 10)).await;
        let card = card.map_err(|error| std::io::Error::other(format!("{error:?}")))?;
        assert!(card.version() > 1);
        // The same once more is meant.
        let again = cards.execute("c-1", |_| Ok::<_, TooLittle>(vec![spent("c-1", 10)])).await;
        again.map_err(|error| std::io::Error::other(format!("{error:?}")))?;
        if cx.attempt() < 3 {
            return Err(std::io::Error::other(format!("{} again", parcel.parcel_id)).into());
        }
        Ok(())
    }
}

async fn a_handler_that_is_tried_again_appends_once(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus);
    let mut card = cards.load("c-1").await.expect("readable");
    cards.append(&mut card, [charged("c-1", 1000)]).await.expect("appended");
    let run = Running::start(bus.run(kiosk::Counter::subscriber(Counter)));
    let publisher = courier(&bus);
    for parcel in 0..4 {
        publisher.parcel_sent(sent(&format!("p-{parcel}"), 0)).await.expect("stored");
    }
    bus.idle(<kiosk::counter::Subscription as tidings::Subscription>::SPEC).await.expect("idle");
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (4, 0));
    let card = cards.load("c-1").await.expect("whole");
    assert_eq!((card.cents, card.version()), (1000 - 4 * 20, 9), "each payment once");
}

/// Pays twice for each parcel; in its first attempt it is refused in every way beside that, and fails in the end.
struct Clumsy;

#[event_handler]
impl kiosk::Counter for Clumsy {
    async fn parcel_sent(&self, _: ParcelSent, cx: &kiosk::Context) -> tidings::Handled {
        let cards = cx.aggregates::<Card>().one_by_one();
        let failed = |error: AppendError| std::io::Error::other(format!("{error:?}"));
        let mut card = cards.load("c-1").await?;
        if cx.attempt() == 1 {
            // The second has nothing in it, and neither is stored.
            let invalid = cards.append(&mut card, [spent("c-1", 10), charged("c-1", 0)]).await;
            assert!(matches!(invalid, Err(AppendError::Publish(_))), "{invalid:?}");
        }
        cards.append(&mut card, [spent("c-1", 10)]).await.map_err(failed)?;
        if cx.attempt() == 1 {
            // The first is about another one, so that nobody has come to the second.
            let other = cards.append(&mut card, [issued("c-2", "Ada"), spent("c-1", 10)]).await;
            assert!(matches!(other, Err(AppendError::Other { .. })), "{other:?}");
        }
        // The same once more is meant.
        cards.append(&mut card, [spent("c-1", 10)]).await.map_err(failed)?;
        if cx.attempt() == 1 {
            return Err(std::io::Error::other("behind all").into());
        }
        Ok(())
    }
}

async fn what_was_refused_leaves_the_ids_of_others_alone(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus);
    let mut card = cards.load("c-1").await.expect("readable");
    cards.append(&mut card, [charged("c-1", 1000)]).await.expect("appended");
    let run = Running::start(bus.run(kiosk::Counter::subscriber(Clumsy)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    bus.idle(<kiosk::counter::Subscription as tidings::Subscription>::SPEC).await.expect("idle");
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (1, 0));
    let card = cards.load("c-1").await.expect("whole");
    assert_eq!((card.cents, card.version()), (1000 - 2 * 10, 3), "two payments, each once");
}

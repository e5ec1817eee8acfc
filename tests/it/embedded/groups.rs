//! Events that are stored together, and what happens to them on their way.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use tidings::testing::{Fault, Faults};
use tidings::{Outcome, Receipt, Tidings};
use tokio::time::Instant;

use super::{broker, lag};
use crate::fixture::{courier, sent};

const SHORT: Duration = Duration::from_millis(300);
/// Longer than an answer is waited for.
const LONG: Duration = Duration::from_secs(7);

async fn grouping() -> (Tidings, Faults) {
    let (bus, faults) = broker().await;
    bus.set_group_commit(true);
    (bus, faults)
}

async fn enqueue(bus: &Tidings, events: u64) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for step in 0..events {
        receipts.push(courier(bus).parcel_sent(sent("p-1", step)).enqueue().await.expect("sent"));
    }
    receipts
}

#[tokio::test(start_paused = true)]
async fn what_comes_while_one_is_on_its_way_goes_as_one() {
    let (bus, faults) = grouping().await;
    // Were there more than two publishes, there would be more to strike.
    let all = [Fault::PublishDelayed(SHORT); 5];
    all.into_iter().for_each(|fault| faults.inject(fault));
    let begun = Instant::now();
    let receipts = enqueue(&bus, 900).await;
    for (index, word) in join_all(receipts).await.into_iter().enumerate() {
        assert_eq!(word.expect("stored").sequence, Some(index as u64 + 1));
    }
    assert_eq!(faults.struck().len(), 2);
    assert_eq!(begun.elapsed(), 2 * SHORT);
}

#[tokio::test(start_paused = true)]
async fn few_go_one_by_one_and_at_once() {
    let (bus, faults) = grouping().await;
    [Fault::PublishDelayed(SHORT); 20].into_iter().for_each(|fault| faults.inject(fault));
    let begun = Instant::now();
    for word in join_all(enqueue(&bus, 10).await).await {
        word.expect("stored");
    }
    assert_eq!((faults.struck().len(), begun.elapsed()), (10, 2 * SHORT));
}

#[tokio::test(start_paused = true)]
async fn a_group_is_stored_once_whatever_happens_to_it_on_the_way() {
    for fault in [
        Fault::PublishLost,
        Fault::PublishAnswerLost,
        Fault::PublishDelayed(LONG),
        Fault::DiskFull,
        Fault::PublishContended,
        Fault::Disconnect(SHORT),
        Fault::Disconnect(LONG),
    ] {
        let (bus, faults) = grouping().await;
        faults.inject(Fault::PublishDelayed(SHORT));
        faults.inject(fault);
        for word in join_all(enqueue(&bus, 200).await).await {
            let published = word.unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
            assert_eq!(published.outcome(), Outcome::Stored, "{fault:?}");
        }
        assert_eq!(faults.struck(), [Fault::PublishDelayed(SHORT), fault]);
        // What is still on its way arrives.
        tokio::time::sleep(LONG).await;
        assert_eq!(lag(&bus).await.pending, 200, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn at_random_too() {
    for seed in 0..20 {
        let (bus, faults) = grouping().await;
        faults.chaos(seed);
        for word in join_all(enqueue(&bus, 1500).await).await {
            let published = word.unwrap_or_else(|error| panic!("{seed}: {error:?}"));
            assert_eq!(published.outcome(), Outcome::Stored, "{seed}");
        }
        faults.stop();
        tokio::time::sleep(LONG).await;
        assert_eq!(lag(&bus).await.pending, 1500, "{seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_while_he_waits_has_sent_nothing() {
    let (bus, faults) = grouping().await;
    faults.inject(Fault::PublishDelayed(SHORT));
    let publisher = courier(&bus);
    let first = publisher.parcel_sent(sent("p-1", 0)).enqueue().await.expect("sent");
    let mut gone = publisher.parcel_sent(sent("p-1", 1)).into_future();
    assert!((&mut gone).now_or_never().is_none());
    let behind = publisher.parcel_sent(sent("p-1", 2)).enqueue().await.expect("in line");
    drop(gone);
    assert_eq!(first.await.expect("stored").sequence, Some(1));
    assert_eq!(behind.await.expect("stored").sequence, Some(2));
    assert_eq!(lag(&bus).await.pending, 2);
}

#[test]
fn what_waits_when_a_runtime_ends_does_not_know() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (first, second) = (runtime().expect("one"), runtime().expect("another"));
    let (bus, faults) = first.block_on(grouping());
    faults.inject(Fault::PublishDelayed(SHORT));
    let receipts = first.block_on(enqueue(&bus, 50));
    // Where the first was on its way, nobody is told any more; and what waited behind it is let go of.
    drop(first);
    for word in second.block_on(join_all(receipts)) {
        assert!(word.expect_err("nobody to send it").is_unknown());
    }
    // Others publish as ever.
    let published = second.block_on(courier(&bus).parcel_sent(sent("p-1", 51)).into_future());
    published.expect("stored");
}

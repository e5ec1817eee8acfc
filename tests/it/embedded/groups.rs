//! Events that are stored together, and what happens to them on their way.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use tidings::testing::{Fault, Faults};
use tidings::{Outcome, PublishError, Receipt, Tidings};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use super::{broker, lag};
use crate::fixture::{courier, sent};

const SHORT: Duration = Duration::from_millis(300);
/// Longer than an answer is waited for.
const LONG: Duration = Duration::from_secs(7);

const FAULTS: [Fault; 7] = [
    Fault::PublishLost,
    Fault::PublishAnswerLost,
    Fault::PublishDelayed(LONG),
    Fault::DiskFull,
    Fault::PublishContended,
    Fault::Disconnect(SHORT),
    Fault::Disconnect(LONG),
];

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

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
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
async fn what_expects_something_goes_by_itself_and_the_others_still_together() {
    for (expected, is_met) in [(101, true), (7, false)] {
        let (bus, faults) = grouping().await;
        [Fault::PublishDelayed(SHORT); 20].into_iter().for_each(|fault| faults.inject(fault));
        let mut receipts = enqueue(&bus, 101).await;
        let publisher = courier(&bus);
        let event = publisher.parcel_sent(sent("p-1", 101)).expect_last_sequence(expected);
        let expecting = event.enqueue().await.expect("in line");
        receipts.extend(enqueue(&bus, 100).await);
        for word in join_all(receipts).await {
            word.expect("stored");
        }
        // The first, a group, the one between, and another group.
        assert_eq!(faults.struck().len(), 4, "{is_met}");
        assert_eq!(expecting.await.is_ok(), is_met);
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_is_stored_once_whatever_happens_to_it_on_the_way() {
    for fault in FAULTS {
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
async fn so_is_the_one_behind_it() {
    for fault in FAULTS {
        let (bus, faults) = grouping().await;
        for word in join_all(enqueue(&bus, 100).await).await {
            word.expect("stored");
        }
        faults.inject(Fault::PublishDelayed(SHORT));
        faults.inject(Fault::PublishDelayed(SHORT));
        faults.inject(fault);
        let mut receipts = enqueue(&bus, 100).await;
        tokio::time::sleep(3 * SHORT / 2).await;
        assert_eq!(faults.struck().len(), 2, "the first group is on its way");
        receipts.extend(enqueue(&bus, 50).await);
        receipts.extend(enqueue(&bus, 50).await);
        for word in join_all(receipts).await {
            let published = word.unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
            assert_eq!(published.outcome(), Outcome::Stored, "{fault:?}");
        }
        tokio::time::sleep(LONG).await;
        assert_eq!(lag(&bus).await.pending, 300, "{fault:?}");
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
    let (first, second) = (runtime(), runtime());
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

/// The turn of what waits was handed to the first runtime, which nobody drives; whoever waits is on the second.
fn handed() -> (Tidings, Vec<Receipt>, [Runtime; 2]) {
    let runtimes = [runtime(), runtime()];
    let (bus, faults) = runtimes[0].block_on(grouping());
    faults.inject(Fault::PublishDelayed(SHORT));
    let receipts = runtimes[1].block_on(async {
        let mut receipts = enqueue(&bus, 50).await;
        receipts.remove(0).await.expect("stored");
        receipts
    });
    (bus, receipts, runtimes)
}

#[test]
fn whoever_was_to_go_on_and_had_not_begun_is_replaced() {
    let (_bus, receipts, [first, second]) = handed();
    drop(first);
    for word in second.block_on(join_all(receipts)) {
        word.expect("stored");
    }
}

#[test]
fn where_nobody_is_left_to_go_on_the_line_is_free_again() {
    let (bus, receipts, [first, second]) = handed();
    drop(second);
    drop(first);
    let third = runtime();
    for word in third.block_on(join_all(receipts)) {
        assert!(word.expect_err("nobody to send it").is_unknown());
    }
    let published = third.block_on(courier(&bus).parcel_sent(sent("p-1", 51)).into_future());
    assert_eq!(published.expect("stored").sequence, Some(2));
}

/// The connection is lost while the first is on its way, whose answer is lost with it. What expects something goes by itself.
async fn cut_off(events: u64, expecting: bool) -> (Tidings, Faults, Vec<Receipt>) {
    let (bus, faults) = grouping().await;
    faults.inject(Fault::PublishDelayed(SHORT));
    let (publisher, mut receipts) = (courier(&bus), Vec::new());
    for step in 0..events {
        let mut event = publisher.parcel_sent(sent("p-1", step));
        if expecting {
            event = event.expect_last_sequence(step);
        }
        receipts.push(event.enqueue().await.expect("sent"));
    }
    faults.disconnect();
    (bus, faults, receipts)
}

#[tokio::test(start_paused = true)]
async fn a_long_outage_is_not_waited_for_one_after_the_other() {
    for (events, expecting) in [(10, false), (500, true), (500, false)] {
        let (bus, faults, receipts) = cut_off(events, expecting).await;
        let begun = Instant::now();
        let mut words = join_all(receipts).await.into_iter();
        bus.flush().await;
        assert!(begun.elapsed() < Duration::from_secs(45), "{events}: {:?}", begun.elapsed());
        assert!(words.next().is_some_and(|first| first.is_err_and(|error| error.is_unknown())));
        for word in words {
            let error = word.expect_err("nobody was there");
            assert!(matches!(error, PublishError::Rejected { .. }), "{events}: {error:?}");
        }
        // And nothing is sent that its caller has given up.
        tokio::time::sleep(Duration::from_secs(180) - begun.elapsed()).await;
        faults.reconnect();
        tokio::time::sleep(LONG).await;
        assert_eq!(lag(&bus).await.pending, 1, "{events}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_shorter_outage_each_is_stored_once() {
    for events in [10, 500] {
        let (bus, faults, receipts) = cut_off(events, false).await;
        let words = tokio::spawn(join_all(receipts));
        tokio::time::sleep(Duration::from_secs(20)).await;
        faults.reconnect();
        for word in words.await.expect("no panic") {
            assert_eq!(word.expect("stored").outcome(), Outcome::Stored, "{events}");
        }
        tokio::time::sleep(LONG).await;
        assert_eq!(lag(&bus).await.pending, events);
    }
}

/// Whether the stream knows an event before it comes in a group.
fn is_known(step: u64) -> bool {
    step % 37 == 1
}

/// Stores some events, and has them and others stand in line behind one that takes a while.
async fn known_in_part(bus: &Tidings, faults: &Faults) -> Vec<Receipt> {
    let publisher = courier(bus);
    let event = |step: u64| publisher.parcel_sent(sent("p-1", step)).id(format!("id-{step}"));
    for step in (0..400).filter(|step| is_known(*step)) {
        event(step).await.expect("stored");
    }
    faults.inject(Fault::PublishDelayed(SHORT));
    let mut receipts = Vec::new();
    for step in 0..400 {
        receipts.push(event(step).enqueue().await.expect("in line"));
    }
    receipts
}

#[tokio::test(start_paused = true)]
async fn what_is_known_takes_nothing_from_those_in_line_with_it() {
    let (bus, faults) = grouping().await;
    let mut receipts = known_in_part(&bus, &faults).await;
    let publisher = courier(&bus);
    let again = publisher.parcel_sent(sent("p-1", 399)).id("id-399");
    receipts.push(again.enqueue().await.expect("in line"));
    for (index, word) in join_all(receipts).await.into_iter().enumerate() {
        let known = index == 400 || is_known(index as u64);
        assert_eq!(word.expect("its word").duplicate, known, "{index}");
    }
    assert_eq!(lag(&bus).await.pending, 400);
}

#[tokio::test(start_paused = true)]
async fn those_that_the_stream_does_not_know_go_together_once_the_others_have_left() {
    let (bus, faults) = grouping().await;
    let receipts = known_in_part(&bus, &faults).await;
    // The first alone, the group that is refused, and the rest of it; more would be struck if there were.
    [Fault::PublishDelayed(SHORT); 5].into_iter().for_each(|fault| faults.inject(fault));
    let begun = Instant::now();
    for (step, word) in join_all(receipts).await.into_iter().enumerate() {
        assert_eq!(word.expect("its word").duplicate, is_known(step as u64), "{step}");
    }
    assert_eq!((faults.struck().len(), begun.elapsed()), (3, 3 * SHORT));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_lost_with_the_word_on_a_group_costs_nobody_his_own() {
    for away in [SHORT, LONG, Duration::from_secs(20)] {
        let (bus, faults) = grouping().await;
        let receipts = known_in_part(&bus, &faults).await;
        // The group is refused, as some of it are known; which ones, nobody can be asked.
        faults.inject(Fault::Disconnect(away));
        let begun = Instant::now();
        for (step, word) in join_all(receipts).await.into_iter().enumerate() {
            let word = word.unwrap_or_else(|error| panic!("{away:?}, {step}: {error:?}"));
            assert_eq!(word.duplicate, is_known(step as u64), "{away:?}: {step}");
        }
        assert_eq!(faults.struck(), [Fault::PublishDelayed(SHORT), Fault::Disconnect(away)]);
        assert!(begun.elapsed() < away + Duration::from_secs(5), "{away:?}: {:?}", begun.elapsed());
        tokio::time::sleep(LONG).await;
        assert_eq!(lag(&bus).await.pending, 400, "{away:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_refused_group_is_called_unknown_where_nobody_can_be_asked_any_more() {
    let (bus, faults) = grouping().await;
    let mut receipts = known_in_part(&bus, &faults).await;
    let behind = receipts.split_off(1);
    faults.inject(Fault::Disconnect(Duration::from_secs(600)));
    let begun = Instant::now();
    receipts.remove(0).await.expect("it went alone, and before that");
    for (step, word) in (1..).zip(join_all(behind).await) {
        let error = word.expect_err("nobody was there");
        assert!(matches!(error, PublishError::Rejected { .. }), "{step}: {error:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(45), "{:?}", begun.elapsed());
    faults.reconnect();
    tokio::time::sleep(LONG).await;
    let known = (1..400).filter(|step| is_known(*step)).count() as u64;
    assert_eq!(lag(&bus).await.pending, known + 1);
}

//! Dead letters that go back to the subscription that failed.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tidings::{DeadLetter, Reason, Reject, Subscription as _, Tidings};
use tokio::time::Instant;

use super::on_both_brokers;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Running, Seen, Sightings, Tracker, courier, next, sent, until};

on_both_brokers!(
    a_redrive_reaches_the_failed_subscription_alone,
    what_fails_again_is_a_dead_letter_again,
    a_redrive_waits_for_its_subscription,
    a_dry_run_moves_nothing,
    a_redrive_can_be_slow,
    only_what_is_chosen_is_redriven_or_purged,
    dead_letters_can_be_named_one_by_one,
    a_redrive_tells_how_far_it_has_come_and_ends_when_it_is_told_to,
);

/// Rejects everything until it is told otherwise.
fn broken() -> (Tracker, Sightings, Arc<AtomicBool>) {
    let mended = Arc::new(AtomicBool::new(false));
    let answer = Arc::clone(&mended);
    let (tracker, sightings) = Tracker::new(move |_: Seen| {
        let mended = answer.load(Ordering::Relaxed);
        async move { if mended { Ok(()) } else { Err(Reject::because("broken"))? } }
    });
    (tracker, sightings, mended)
}

async fn a_redrive_reaches_the_failed_subscription_alone(bus: Tidings) {
    let (failing, mut failed, mended) = broken();
    let (content, mut handled) = Tracker::content();
    let run = Running::start(
        bus.run(tracking::Journey::subscriber(failing)).and(tracking::Patient::subscriber(content)),
    );
    let published = courier(&bus).parcel_sent(sent("p-1", 7)).await.expect("stored");
    next(&mut failed).await;
    next(&mut handled).await;
    until("a dead letter", async || letters(&bus).await.len() == 1).await;

    mended.store(true, Ordering::Relaxed);
    let redriven = bus.dead_letters(&CATALOG).redrive().await.expect("redriven");
    assert_eq!(redriven.count, 1);
    let again = next(&mut failed).await;
    assert_eq!((again.id.as_str(), again.step, again.attempt), (published.id.as_str(), 7, 1));
    assert_eq!(again.sequence, 1, "its place in its own stream");
    assert!(letters(&bus).await.is_empty(), "it has moved");

    // What comes after it in the stream is the next event: nothing was added in between.
    courier(&bus).parcel_sent(sent("p-2", 8)).await.expect("stored");
    assert_eq!(next(&mut handled).await.sequence, 2);
    assert_eq!(next(&mut failed).await.sequence, 2);
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (4, 1));
}

async fn what_fails_again_is_a_dead_letter_again(bus: Tidings) {
    let (failing, mut failed, _) = broken();
    let run = Running::start(bus.run(tracking::Journey::subscriber(failing)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    next(&mut failed).await;
    for _ in 0..3 {
        until("a dead letter", async || letters(&bus).await.len() == 1).await;
        let letter = letters(&bus).await.remove(0);
        assert_eq!((letter.reason, letter.source_sequence), (Some(Reason::Rejected), 1));
        assert_eq!(letter.source_subject, "parcels.parcel.sent");
        assert_eq!(letter.source_stream, "PARCELS_EVENTS");
        assert_eq!(bus.dead_letters(&CATALOG).redrive().await.expect("redriven").count, 1);
        next(&mut failed).await;
    }
    until("a dead letter", async || letters(&bus).await.len() == 1).await;
    assert_eq!(run.stop().await.dead_lettered, 4);
}

async fn a_redrive_waits_for_its_subscription(bus: Tidings) {
    let (failing, mut failed, mended) = broken();
    let run = Running::start(bus.run(tracking::Journey::subscriber(failing.clone())));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    next(&mut failed).await;
    until("a dead letter", async || letters(&bus).await.len() == 1).await;
    run.stop().await;

    mended.store(true, Ordering::Relaxed);
    bus.dead_letters(&CATALOG).redrive().await.expect("redriven");
    let run = Running::start(bus.run(tracking::Journey::subscriber(failing)));
    assert_eq!(next(&mut failed).await.step, 0);
    assert_eq!(run.stop().await.handled, 1);
}

async fn a_dry_run_moves_nothing(bus: Tidings) {
    let run = fill(&bus, 3).await;
    let letters_of = || bus.dead_letters(&CATALOG);
    assert_eq!(letters_of().redrive().dry_run().await.expect("counted").count, 3);
    assert_eq!(letters_of().redrive().limit(2).dry_run().await.expect("counted").count, 2);
    assert_eq!(letters(&bus).await.len(), 3);
    run.stop().await;
}

async fn a_redrive_can_be_slow(bus: Tidings) {
    let run = fill(&bus, 4).await;
    let begun = Instant::now();
    let pace = NonZeroU32::new(20).expect("not zero");
    let redriven = bus.dead_letters(&CATALOG).redrive().per_second(pace).limit(3).await;
    assert_eq!(redriven.expect("redriven").count, 3);
    assert!(begun.elapsed() >= Duration::from_millis(100), "two pauses of 50 ms between three");
    run.stop().await;
}

async fn only_what_is_chosen_is_redriven_or_purged(bus: Tidings) {
    let run = fill(&bus, 2).await;
    let all = || bus.dead_letters(&CATALOG);
    let latest = letters(&bus).await.iter().map(|letter| letter.time).max().expect("one");
    for (none, what) in [
        (all().of_type("parcels.parcel.arrived"), "another type"),
        (all().with_reason(Reason::Panicked), "another reason"),
        (all().of(tracking::patient::Subscription::SPEC), "another subscription"),
        (all().since(latest + Duration::from_secs(1)), "later"),
        (all().before(latest - Duration::from_secs(60)), "earlier"),
    ] {
        assert_eq!(none.purge().await.expect("purged"), 0, "{what}");
    }
    let chosen = all().of_type("parcels.parcel.sent").with_reason(Reason::Rejected);
    let chosen = chosen.of(tracking::journey::Subscription::SPEC);
    assert_eq!(chosen.purge().await.expect("purged"), 2);
    assert!(letters(&bus).await.is_empty());
    assert_eq!(all().redrive().await.expect("nothing to do").count, 0);
    run.stop().await;
}

async fn dead_letters_can_be_named_one_by_one(bus: Tidings) {
    let run = fill(&bus, 4).await;
    let all = || bus.dead_letters(&CATALOG);
    let sequences = |letters: Vec<DeadLetter>| -> Vec<u64> {
        letters.iter().map(|letter| letter.sequence).collect()
    };
    let named = all().among([9, 4, 2, 2]).all().await.expect("readable");
    assert_eq!(sequences(named), [2, 4], "in their order, each once, and not what is not there");
    let named = all().among([1, 3]).starting_at(2).all().await.expect("readable");
    assert_eq!(sequences(named), [3]);
    let page = all().starting_at(3).all().await.expect("readable");
    assert_eq!(sequences(page), [3, 4]);
    let theirs = all().of_organization("rival").all().await.expect("readable");
    assert_eq!(sequences(theirs), [0; 0]);
    assert_eq!(all().of_organization("acme").all().await.expect("readable").len(), 4);

    assert!(all().remove(1).await.expect("removed"));
    assert!(!all().remove(1).await.expect("asked"), "it is gone");
    assert!(!all().remove(99).await.expect("asked"), "it never was");
    let redriven = all().among([3, 1]).redrive().await.expect("redriven");
    assert_eq!((redriven.count, redriven.found), (1, 1));
    until("it has failed again", async || letters(&bus).await.len() == 3).await;
    run.stop().await;
}

async fn a_redrive_tells_how_far_it_has_come_and_ends_when_it_is_told_to(bus: Tidings) {
    let run = fill(&bus, 4).await;
    run.stop().await;
    let (told, end) = tokio::sync::oneshot::channel::<()>();
    let (seen, mut told) = (Arc::new(std::sync::Mutex::new(Vec::new())), Some(told));
    let report = Arc::clone(&seen);
    let redrive = bus.dead_letters(&CATALOG).redrive().until(end).on_progress(move |so_far| {
        report.lock().expect("no panic").push((so_far.found, so_far.count));
        if so_far.count == 2 {
            told = None;
        }
        assert!(so_far.count <= 2 || told.is_some(), "it has gone on");
    });
    let redriven = redrive.await.expect("redriven");
    assert_eq!((redriven.found, redriven.count), (4, 2));
    assert_eq!(*seen.lock().expect("no panic"), [(4, 0), (4, 1), (4, 2)]);
    assert_eq!(letters(&bus).await.len(), 2, "the others stay");
}

/// A subscription that has rejected so many events.
async fn fill(bus: &Tidings, count: usize) -> Running {
    let (failing, _, _) = broken();
    let run = Running::start(bus.run(tracking::Journey::subscriber(failing)));
    for step in 0..count as u64 {
        courier(bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    until("all dead letters", async || letters(bus).await.len() == count).await;
    run
}

async fn letters(bus: &Tidings) -> Vec<DeadLetter> {
    bus.dead_letters(&CATALOG).all().await.expect("a stream of dead letters")
}

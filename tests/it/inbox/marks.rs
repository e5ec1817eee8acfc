//! What was handled is not handled again, and what was not is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidings::testing::Fault;
use tidings::{Handled, Reject, RunError, Subscription as _};

use super::stage::Stage;
use super::with_every_inbox;
use crate::fixture::catalog::ledger;
use crate::fixture::{Running, Seen, Tracker, next, until};

with_every_inbox!(
    a_second_copy_is_acknowledged_without_a_call,
    what_failed_leaves_no_mark,
    what_was_marked_and_not_acknowledged_is_not_handled_again,
    a_dead_letter_that_was_handled_meanwhile_is_skipped,
    what_was_handled_is_forgotten_in_time,
    every_subscription_has_marks_of_its_own,
);

/// How often each event was begun with.
#[derive(Clone, Default)]
pub(super) struct Calls(Arc<Mutex<HashMap<String, u32>>>);

impl Calls {
    pub(super) fn count(&self, seen: &Seen) -> u32 {
        let mut calls = self.0.lock().expect("nobody panics with it");
        let count = calls.entry(seen.id.clone()).or_default();
        *count += 1;
        *count
    }

    pub(super) fn of(&self, id: &str) -> u32 {
        self.0.lock().expect("nobody panics with it").get(id).copied().unwrap_or_default()
    }
}

/// Counts the calls, and answers by them.
pub(super) fn counting<A>(
    answer: impl Fn(Seen, u32) -> A + Send + Sync + 'static,
) -> (Tracker, Calls)
where
    A: Future<Output = Handled> + Send + 'static,
{
    let calls = Calls::default();
    let counted = calls.clone();
    let (tracker, _) = Tracker::new(move |seen: Seen| {
        let count = counted.count(&seen);
        answer(seen, count)
    });
    (tracker, calls)
}

async fn a_second_copy_is_acknowledged_without_a_call(stage: Stage) {
    let (tracker, calls) = counting(async |_, _| Ok(()));
    let subscriber = ledger::Entries::subscriber(tracker);
    let run = Running::start(stage.bus.run(subscriber).inbox(stage.inbox.clone()));
    for id in ["t-1", "t-1", "t-1", "t 2.*>", "t 2.*>"] {
        stage.publish(id).await;
    }
    stage.settled(ledger::entries::Subscription::SPEC).await;
    let report = run.stop().await;
    assert_eq!((calls.of("t-1"), calls.of("t 2.*>")), (1, 1));
    assert_eq!((report.handled, report.repeated, report.retried), (2, 3, 0));
}

async fn what_failed_leaves_no_mark(stage: Stage) {
    let (tracker, calls) = counting(async |seen: Seen, count| {
        match (seen.parcel.as_str(), count) {
            (_, 2..) => {}
            ("error", _) => Err(std::io::Error::other("not now"))?,
            ("panic", _) => panic!("not now"),
            _ => std::future::pending().await,
        }
        Ok(())
    });
    let subscriber = ledger::Entries::subscriber(tracker);
    let run = Running::start(stage.bus.run(subscriber).inbox(stage.inbox.clone()));
    let all = ["error", "panic", "timeout"];
    for id in all {
        stage.publish(id).await;
    }
    until("all are handled", async || all.iter().all(|id| calls.of(id) == 2)).await;
    stage.settled(ledger::entries::Subscription::SPEC).await;
    for id in all {
        stage.publish(id).await;
    }
    stage.settled(ledger::entries::Subscription::SPEC).await;
    let report = run.stop().await;
    assert!(all.iter().all(|id| calls.of(id) == 2), "they are known now");
    assert_eq!((report.handled, report.repeated, report.retried), (3, 3, 3));
}

async fn what_was_marked_and_not_acknowledged_is_not_handled_again(stage: Stage) {
    let Some(faults) = &stage.faults else { return };
    let (tracker, calls) = counting(async |_, _| Ok(()));
    let subscriber = ledger::Entries::subscriber(tracker);
    faults.inject(Fault::CrashBeforeAck);
    let crashing = Running::start(stage.bus.run(subscriber.clone()).inbox(stage.inbox.clone()));
    stage.publish("t-1").await;
    assert!(matches!(crashing.failed().await, RunError::Subscription { .. }));
    assert_eq!(calls.of("t-1"), 1);

    let run = Running::start(stage.bus.run(subscriber).inbox(stage.other.clone()));
    stage.settled(ledger::entries::Subscription::SPEC).await;
    let report = run.stop().await;
    assert_eq!((calls.of("t-1"), report.handled, report.repeated), (1, 0, 1));
}

async fn a_dead_letter_that_was_handled_meanwhile_is_skipped(stage: Stage) {
    let (tracker, calls) = counting(async |_, count| match count {
        1 => Err(Reject::because("not the first one"))?,
        _ => Ok(()),
    });
    let subscriber = ledger::Entries::subscriber(tracker);
    let run = Running::start(stage.bus.run(subscriber).inbox(stage.inbox.clone()));
    let letters = || stage.bus.dead_letters(&crate::fixture::catalog::CATALOG);
    stage.publish("t-1").await;
    until("a dead letter", async || letters().all().await.expect("readable").len() == 1).await;
    stage.publish("t-1").await;
    until("the copy is handled", async || calls.of("t-1") == 2).await;
    stage.settled(ledger::entries::Subscription::SPEC).await;

    assert_eq!(letters().redrive().await.expect("redriven").count, 1);
    stage.bus.idle(ledger::entries::Subscription::SPEC).await.expect("nothing is left");
    let report = run.stop().await;
    assert_eq!((calls.of("t-1"), report.handled, report.repeated), (2, 1, 1));
}

async fn what_was_handled_is_forgotten_in_time(mut stage: Stage) {
    stage.forget_after(Duration::from_secs(1)).await;
    let (tracker, calls) = counting(async |_, _| Ok(()));
    let subscriber = ledger::Forgetful::subscriber(tracker);
    let run = Running::start(stage.bus.run(subscriber.clone()).inbox(stage.inbox.clone()));
    stage.publish("t-1").await;
    stage.settled(ledger::forgetful::Subscription::SPEC).await;
    stage.publish("t-1").await;
    stage.settled(ledger::forgetful::Subscription::SPEC).await;
    assert_eq!((calls.of("t-1"), run.stop().await.repeated), (1, 1));

    // A database is swept now and then; another instance begins with it.
    let run = Running::start(stage.bus.run(subscriber).inbox(stage.other.clone()));
    tokio::time::sleep(Duration::from_millis(1100)).await;
    until("it is forgotten", async || {
        stage.publish("t-1").await;
        stage.settled(ledger::forgetful::Subscription::SPEC).await;
        calls.of("t-1") == 2
    })
    .await;
    run.stop().await;
}

async fn every_subscription_has_marks_of_its_own(stage: Stage) {
    let (tracker, mut seen) = Tracker::content();
    let run = stage.bus.run(ledger::Entries::subscriber(tracker.clone()));
    let run = run.and(ledger::Forgetful::subscriber(tracker.clone()));
    // This one asks for nothing.
    let run = run.and(ledger::Open::subscriber(tracker));
    let run = Running::start(run.inbox(stage.inbox.clone()));
    stage.publish("t-1").await;
    stage.publish("t-1").await;
    for _ in 0..4 {
        next(&mut seen).await;
    }
    for subscription in [
        ledger::entries::Subscription::SPEC,
        ledger::forgetful::Subscription::SPEC,
        ledger::open::Subscription::SPEC,
    ] {
        stage.settled(subscription).await;
    }
    let report = run.stop().await;
    assert_eq!((report.handled, report.repeated), (4, 2));
}

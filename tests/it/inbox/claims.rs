//! An event is in one pair of hands at a time, and not in dead ones for ever.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidings::{Handled, Reject, State, Subscription as _, event_handler};
use tokio::sync::Notify;

use super::marks::counting;
use super::stage::Stage;
use super::with_every_inbox;
use crate::fixture::catalog::{ledger, tolls};
use crate::fixture::{Running, Tracker, next, until};

with_every_inbox!(
    two_instances_that_race_on_an_event_run_it_once,
    what_fails_in_one_instance_is_tried_by_the_one_that_waits,
    a_slow_handler_keeps_its_event,
    what_a_dead_instance_had_in_hand_is_handled_by_another,
    a_run_that_ends_waits_for_nobody,
);

const RACES: usize = 12;

async fn two_instances_that_race_on_an_event_run_it_once(stage: Stage) {
    let at_work: Arc<Mutex<HashSet<String>>> = Arc::default();
    let (tracker, calls) = counting(move |seen, _| {
        let at_work = Arc::clone(&at_work);
        async move {
            assert!(at_work.lock().expect("sound").insert(seen.id.clone()), "nobody else is at it");
            tokio::time::sleep(Duration::from_millis(400)).await;
            at_work.lock().expect("sound").remove(&seen.id);
            Ok(())
        }
    });
    let subscriber = ledger::Entries::subscriber(tracker);
    let run = |inbox| Running::start(stage.bus.run(subscriber.clone()).inbox(inbox));
    let (one, other) = (run(stage.inbox.clone()), run(stage.other.clone()));
    let ids: Vec<String> = (0..RACES).map(|number| format!("t-{number}")).collect();
    // The copies come while the first ones are being handled.
    for _ in 0..2 {
        stage.publish_all(&ids).await;
    }
    stage.settled(ledger::entries::Subscription::SPEC).await;
    let (one, other) = (one.stop().await, other.stop().await);
    assert!(ids.iter().all(|id| calls.of(id) == 1));
    assert_eq!(one.handled + other.handled, RACES as u64);
    assert_eq!(one.repeated + other.repeated, RACES as u64);
    assert_eq!(one.retried + other.retried, 0, "who waits spends no attempt");
}

async fn what_fails_in_one_instance_is_tried_by_the_one_that_waits(stage: Stage) {
    let waiting = Arc::new(Notify::new());
    let copy_is_out = Arc::clone(&waiting);
    let (tracker, calls) = counting(move |_, count| {
        let copy_is_out = Arc::clone(&copy_is_out);
        async move {
            if count == 1 {
                copy_is_out.notified().await;
                Err(Reject::because("not the first one"))?;
            }
            Ok(())
        }
    });
    let subscriber = ledger::Forgetful::subscriber(tracker);
    let run = |inbox| Running::start(stage.bus.run(subscriber.clone()).inbox(inbox));
    let (one, other) = (run(stage.inbox.clone()), run(stage.other.clone()));
    stage.publish("t-1").await;
    stage.publish("t-1").await;
    until("both copies are out", async || {
        let lag = stage.bus.lag(ledger::forgetful::Subscription::SPEC).await.expect("a consumer");
        (lag.pending, lag.unsettled) == (0, 2)
    })
    .await;
    assert_eq!(calls.of("t-1"), 1);
    waiting.notify_one();
    stage.settled(ledger::forgetful::Subscription::SPEC).await;
    let (one, other) = (one.stop().await, other.stop().await);
    assert_eq!(calls.of("t-1"), 2);
    assert_eq!(one.handled + other.handled, 1);
    assert_eq!(one.dead_lettered + other.dead_lettered, 1);
}

/// Says in code that each event is handled once.
#[event_handler(ledger::open, idempotent = true)]
async fn linger(toll: tolls::TollPaid, State(pace): State<Pace>) -> Handled {
    pace.begun.lock().expect("sound").push(toll.toll_id);
    match pace.takes {
        Some(takes) => tokio::time::sleep(takes).await,
        None => std::future::pending().await,
    }
    Ok(())
}

/// How long a handler takes; for ever where nothing is said.
#[derive(Clone)]
struct Pace {
    takes: Option<Duration>,
    begun: Arc<Mutex<Vec<String>>>,
}

impl Pace {
    fn begun(&self) -> usize {
        self.begun.lock().expect("sound").len()
    }
}

async fn a_slow_handler_keeps_its_event(stage: Stage) {
    // Twice as long as others would wait for an instance that says nothing.
    let pace = Pace { takes: Some(Duration::from_secs(4)), begun: Arc::default() };
    let run = |inbox| {
        let subscriber = ledger::open::Handlers { toll_paid: linger }.subscriber();
        Running::start(stage.bus.run(subscriber).inbox(inbox).state(pace.clone()))
    };
    let (one, other) = (run(stage.inbox.clone()), run(stage.other.clone()));
    stage.publish("t-1").await;
    stage.publish("t-1").await;
    stage.settled(ledger::open::Subscription::SPEC).await;
    let (one, other) = (one.stop().await, other.stop().await);
    assert_eq!(pace.begun(), 1);
    assert_eq!((one.handled + other.handled, one.repeated + other.repeated), (1, 1));
}

async fn what_a_dead_instance_had_in_hand_is_handled_by_another(stage: Stage) {
    let subscriber = || ledger::open::Handlers { toll_paid: linger }.subscriber();
    let stuck = Pace { takes: None, begun: Arc::default() };
    let run = stage.bus.run(subscriber()).inbox(stage.inbox.clone()).state(stuck.clone());
    let dies = tokio::spawn(run.into_future());
    stage.publish("t-1").await;
    until("it has begun", async || stuck.begun() == 1).await;
    dies.abort();

    let quick = Pace { takes: Some(Duration::ZERO), begun: Arc::default() };
    let run = stage.bus.run(subscriber()).inbox(stage.other.clone()).state(quick.clone());
    let run = Running::start(run);
    until("another has it", async || quick.begun() == 1).await;
    stage.settled(ledger::open::Subscription::SPEC).await;
    assert_eq!(run.stop().await.handled, 1);
}

async fn a_run_that_ends_waits_for_nobody(stage: Stage) {
    let subscriber = ledger::open::Handlers { toll_paid: linger }.subscriber();
    let stuck = Pace { takes: None, begun: Arc::default() };
    let run = stage.bus.run(subscriber).inbox(stage.inbox.clone()).state(stuck.clone());
    let run = Running::start(run.grace(Duration::ZERO));
    for copies in [1, 2] {
        stage.publish("t-1").await;
        until("it is out", async || {
            let lag = stage.bus.lag(ledger::open::Subscription::SPEC).await.expect("a consumer");
            (lag.pending, lag.unsettled) == (0, copies) && stuck.begun() == 1
        })
        .await;
    }
    let report = run.stop().await;
    assert_eq!((report.handed_back, stuck.begun()), (2, 1));
}

/// Others may have the event when its claim is over: the handler is given up before.
#[tokio::test(start_paused = true)]
async fn a_handler_is_given_up_before_its_claim_is_over() {
    /// When it was dropped.
    struct Until(Arc<Mutex<Option<tokio::time::Instant>>>);
    impl Drop for Until {
        fn drop(&mut self) {
            *self.0.lock().expect("sound") = Some(tokio::time::Instant::now());
        }
    }
    let stage = Stage::kv().await;
    let ended: Arc<Mutex<Option<tokio::time::Instant>>> = Arc::default();
    let own = Arc::clone(&ended);
    let (tracker, mut seen) = Tracker::new(move |_| {
        let until = Until(Arc::clone(&own));
        async move {
            let _until = until;
            std::future::pending().await
        }
    });
    let run = stage.bus.run(ledger::Forgetful::subscriber(tracker)).inbox(stage.inbox.clone());
    let run = Running::start(run);
    stage.publish("t-1").await;
    let begun = next(&mut seen).await.at;
    stage.faults.as_ref().expect("it is embedded").disconnect();
    until("it is given up", async || ended.lock().expect("sound").is_some()).await;
    let ended = ended.lock().expect("sound").expect("it is");
    assert!(ended - begun < ledger::forgetful::Subscription::SPEC.ack_wait, "{:?}", ended - begun);
    stage.faults.as_ref().expect("it is embedded").reconnect();
    drop(run);
}

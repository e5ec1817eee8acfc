//! What somebody else has given up becomes a dead letter here as it does on a server.

use tidings::testing::Fault;
use tidings::{BrokerError, Reason, Reject, Subscription as _, Swept, Tidings};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{broker, settled};
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Running, Seen, Tracker, courier, next, sent, until};

/// A sweeper in the background, and what ends it.
type Sweeping = (oneshot::Sender<()>, JoinHandle<Result<Swept, BrokerError>>);

fn sweep(bus: &Tidings) -> Sweeping {
    let (end, ended) = oneshot::channel::<()>();
    let sweep = bus.sweep(&CATALOG);
    (end, tokio::spawn(async move { sweep.until(ended).await }))
}

async fn swept((end, task): Sweeping) -> u64 {
    drop(end);
    task.await.expect("no panic").expect("it ends well").count
}

async fn letters(bus: &Tidings, count: usize) -> Vec<tidings::DeadLetter> {
    let all = async || bus.dead_letters(&CATALOG).all().await.expect("readable");
    until("they are dead letters", async || all().await.len() == count).await;
    all().await
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_terminates_is_a_dead_letter_and_what_the_runtime_does_is_none_twice() {
    let (bus, faults) = broker().await;
    let (tracker, mut sightings) = Tracker::new(async |seen: Seen| match seen.step {
        1 => Err(Reject::because("no"))?,
        _ => Ok(()),
    });
    let sweeping = sweep(&bus);
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    faults.inject(Fault::DeliveryTerminated);
    let published = courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    settled(&bus).await;
    courier(&bus).parcel_sent(sent("p-1", 1)).await.expect("stored");
    assert_eq!(next(&mut sightings).await.step, 1, "the first never came");

    let found = letters(&bus, 2).await;
    let letter = found.iter().find(|letter| letter.reason == Some(Reason::Terminated));
    let letter = letter.expect("what was terminated");
    assert_eq!((letter.source_sequence, letter.attempts), (1, 1));
    assert_eq!(letter.event_id.as_deref(), Some(published.id.as_str()));
    let chosen = bus.dead_letters(&CATALOG).with_reason(Reason::Terminated);
    assert_eq!(chosen.redrive().await.expect("redriven").count, 1);
    assert_eq!(next(&mut sightings).await.id, published.id);
    bus.idle(tracking::journey::Subscription::SPEC).await.expect("idle");
    assert_eq!(swept(sweeping).await, 1);
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (1, 1));
    letters(&bus, 1).await;
}

#[tokio::test(start_paused = true)]
async fn what_runs_out_of_deliveries_as_instances_die_is_a_dead_letter() {
    let (bus, faults) = broker().await;
    faults.limit_deliveries(tracking::journey::Subscription::SPEC, 2);
    let published = courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    for attempt in 1..=2 {
        let (stuck, mut sightings) = Tracker::new(async |_| std::future::pending().await);
        let run = bus.run(tracking::Journey::subscriber(stuck));
        let crashed = tokio::spawn(run.until(std::future::pending::<()>()));
        assert_eq!(next(&mut sightings).await.attempt, attempt);
        crashed.abort();
    }
    let sweeping = sweep(&bus);
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let [letter] = &letters(&bus, 1).await[..] else { panic!("one") };
    assert_eq!((letter.reason, letter.attempts), (Some(Reason::MaxDeliveries), 2));
    assert_eq!(letter.event_id.as_deref(), Some(published.id.as_str()));
    assert_eq!(swept(sweeping).await, 1);
    run.stop().await;
    assert!(sightings.recv().await.is_none(), "it was delivered no more");
}

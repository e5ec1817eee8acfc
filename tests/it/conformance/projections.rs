use std::sync::{Arc, Mutex};

use tidings::kv::{Bucket, BucketConfig};
use tidings::{
    Arrival, Checkpoint, EventUnion, Handled, HandlerError, KvCheckpoint, Place, Projection,
    Reject, ReplayError, Replayed, Tidings,
};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::aggregates::locker::{LockerEvent, RENTER, Vault, janitor, opened, rented};
use super::on_both_brokers;
use crate::fixture::catalog::{pallets, parcels};
use crate::fixture::{PATIENCE, courier, next, sent};

on_both_brokers!(
    it_is_built_from_what_is_stored_and_goes_on_with_what_comes,
    it_goes_on_behind_its_checkpoint,
    with_its_place_in_the_same_transaction_each_event_counts_once,
    what_fails_is_tried_again_in_its_place,
    what_is_rejected_ends_it_or_is_skipped,
    it_ends_while_it_tries_again,
    a_checkpoint_of_another_stream_is_refused,
    events_of_two_streams_are_refused,
    stored_events_can_be_given_to_a_function,
    while_the_keys_are_away_nothing_is_passed_over,
    without_keys_nothing_is_begun,
);

#[derive(Debug, EventUnion)]
enum ParcelEvent {
    Sent(parcels::ParcelSent),
    Arrived(parcels::ParcelArrived),
}

/// Tells of each event, and answers as the test wishes.
struct Steps<F> {
    seen: mpsc::UnboundedSender<u64>,
    answer: F,
}

impl<F: FnMut(u64) -> Handled + Send> Projection for Steps<F> {
    type Event = ParcelEvent;

    async fn apply(&mut self, event: ParcelEvent, at: &Arrival) -> Handled {
        let ParcelEvent::Sent(event) = event else { return Ok(()) };
        assert_eq!(at.envelope.partition_key.as_deref(), Some("p-1"));
        (self.answer)(event.step)?;
        let _ = self.seen.send(event.step);
        Ok(())
    }
}

fn steps<F: FnMut(u64) -> Handled + Send>(answer: F) -> (Steps<F>, mpsc::UnboundedReceiver<u64>) {
    let (seen, steps) = mpsc::unbounded_channel();
    (Steps { seen, answer }, steps)
}

async fn fill(bus: &Tidings, steps: std::ops::Range<u64>) {
    let publisher = courier(bus);
    for step in steps {
        publisher.parcel_sent(sent("p-1", step)).await.expect("stored");
    }
}

async fn expect(seen: &mut mpsc::UnboundedReceiver<u64>, steps: std::ops::Range<u64>) {
    for step in steps {
        assert_eq!(next(seen).await, step);
    }
}

async fn bucket(bus: &Tidings) -> Bucket {
    bus.ensure_bucket(&BucketConfig::new("projections")).await.expect("a bucket")
}

async fn ended(run: JoinHandle<Result<Replayed, ReplayError>>) -> Result<Replayed, ReplayError> {
    tokio::time::timeout(PATIENCE, run).await.expect("it ends").expect("no panic")
}

async fn it_is_built_from_what_is_stored_and_goes_on_with_what_comes(bus: Tidings) {
    fill(&bus, 0..300).await;
    let (projection, mut seen) = steps(|_| Ok(()));
    let (end, ended_by) = oneshot::channel::<()>();
    let (live, is_live) = oneshot::channel();
    let run = bus.project(projection).until(ended_by).on_live(|| {
        let _ = live.send(());
    });
    let run = tokio::spawn(run.run());
    // Beside it, others go on.
    fill(&bus, 300..350).await;
    is_live.await.expect("live");
    fill(&bus, 350..360).await;
    expect(&mut seen, 0..360).await;
    drop(end);
    let replayed = ended(run).await.expect("ended well");
    assert_eq!((replayed.events, replayed.sequence), (360, 360));
    assert!(seen.try_recv().is_err(), "each came once");
}

async fn it_goes_on_behind_its_checkpoint(bus: Tidings) {
    let bucket = bucket(&bus).await;
    for (from, to) in [(0, 5), (5, 5), (5, 12)] {
        fill(&bus, from..to).await;
        let (projection, mut seen) = steps(|_| Ok(()));
        let (end, ended_by) = oneshot::channel::<()>();
        let run = bus.project(projection).until(ended_by);
        let run = run.checkpoint_in(KvCheckpoint::new(bucket.clone(), "steps"));
        let (live, is_live) = oneshot::channel();
        let run = tokio::spawn(
            run.on_live(|| {
                let _ = live.send(());
            })
            .run(),
        );
        is_live.await.expect("live");
        expect(&mut seen, from..to).await;
        assert!(seen.try_recv().is_err(), "nothing came again");
        // What is live is saved at the latest at the end.
        drop(end);
        ended(run).await.expect("ended well");
    }
}

/// A store in which an event and its place are written together or not at all.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<(Vec<u64>, Option<Place>)>>);

impl Checkpoint for Store {
    async fn load(&mut self) -> Result<Option<Place>, HandlerError> {
        Ok(self.0.lock().expect("no panic").1.clone())
    }

    async fn save(&mut self, _: &Place) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl Projection for Store {
    type Event = ParcelEvent;

    async fn apply(&mut self, event: ParcelEvent, at: &Arrival) -> Handled {
        // It may die before and behind.
        tokio::task::yield_now().await;
        if let ParcelEvent::Sent(event) = event {
            let mut held = self.0.lock().expect("no panic");
            held.0.push(event.step);
            held.1 = Some(at.place.clone());
        }
        tokio::task::yield_now().await;
        Ok(())
    }
}

async fn with_its_place_in_the_same_transaction_each_event_counts_once(bus: Tidings) {
    const COUNT: u64 = 120;
    fill(&bus, 0..COUNT).await;
    let store = Store::default();
    let done = || store.0.lock().expect("no panic").0.len() as u64;
    while done() < COUNT {
        let goal = (done() + fastrand::u64(1..20)).min(COUNT);
        let run = bus.project(store.clone()).checkpoint_in(store.clone());
        let run = tokio::spawn(run.run());
        crate::fixture::until("some are taken in", async || done() >= goal).await;
        // Wherever it is.
        run.abort();
        let _ = run.await;
    }
    assert_eq!(store.0.lock().expect("no panic").0, Vec::from_iter(0..COUNT));
}

async fn what_fails_is_tried_again_in_its_place(bus: Tidings) {
    fill(&bus, 0..4).await;
    let mut failures = 3;
    let (projection, mut seen) = steps(move |step| {
        if step == 2 && failures > 0 {
            failures -= 1;
            return Err(std::io::Error::other("the database is away"))?;
        }
        Ok(())
    });
    let run = tokio::spawn(bus.project(projection).run());
    expect(&mut seen, 0..4).await;
    run.abort();
}

async fn what_is_rejected_ends_it_or_is_skipped(bus: Tidings) {
    fill(&bus, 0..4).await;
    let answer = |step| match step {
        2 => Err(Reject::because("no such step"))?,
        _ => Ok(()),
    };
    let (projection, mut seen) = steps(answer);
    let error = bus.project(projection).run().await.expect_err("one is rejected");
    let ReplayError::Failed { failure, replayed } = error else { panic!("{error:?}") };
    assert_eq!((failure.sequence, replayed.events), (3, 2));
    expect(&mut seen, 0..2).await;

    let (projection, mut seen) = steps(answer);
    let (told, mut skipped) = mpsc::unbounded_channel();
    let run = bus.project(projection).skip_failures(move |failure| {
        let _ = told.send(failure.sequence);
    });
    let run = tokio::spawn(run.run());
    for step in [0, 1, 3] {
        assert_eq!(next(&mut seen).await, step);
    }
    assert_eq!(next(&mut skipped).await, 3);
    run.abort();
}

async fn it_ends_while_it_tries_again(bus: Tidings) {
    fill(&bus, 0..2).await;
    let (tried, mut tries) = mpsc::unbounded_channel();
    let (projection, _) = steps(move |step| {
        let _ = tried.send(step);
        match step {
            1 => Err(std::io::Error::other("always"))?,
            _ => Ok(()),
        }
    });
    let (end, ended_by) = oneshot::channel::<()>();
    let run = tokio::spawn(bus.project(projection).until(ended_by).run());
    for step in [0, 1, 1, 1] {
        assert_eq!(next(&mut tries).await, step);
    }
    drop(end);
    let replayed = ended(run).await.expect("ended well");
    assert_eq!((replayed.events, replayed.sequence), (1, 1), "the second is not done");
}

async fn a_checkpoint_of_another_stream_is_refused(bus: Tidings) {
    fill(&bus, 0..2).await;
    let store = Store::default();
    let run = tokio::spawn(bus.project(store.clone()).checkpoint_in(store.clone()).run());
    crate::fixture::until("both are taken in", async || {
        store.0.lock().expect("no panic").0.len() == 2
    })
    .await;
    run.abort();
    let _ = run.await;
    let place = store.0.lock().expect("no panic").1.clone().expect("a place");
    let change = |change: fn(&mut Place)| {
        let mut changed = place.clone();
        change(&mut changed);
        store.0.lock().expect("no panic").1 = Some(changed);
    };
    for changed in [
        (|place| place.source = "OTHER".to_owned()) as fn(&mut Place),
        |place| place.sequence = 9,
        |place| place.created = place.created.map(|it| it - std::time::Duration::from_secs(1)),
    ] {
        change(changed);
        let error = bus.project(store.clone()).checkpoint_in(store.clone()).run().await;
        let error = error.expect_err("it is another one");
        assert!(matches!(error, ReplayError::Place { .. }), "{error:?}");
    }
    let text = serde_json::to_string(&place).expect("JSON");
    assert_eq!(serde_json::from_str::<Place>(&text).expect("a place"), place);
}

async fn events_of_two_streams_are_refused(bus: Tidings) {
    #[derive(EventUnion)]
    enum Both {
        Parcel(parcels::ParcelSent),
        Pallet(pallets::PalletMoved),
    }

    struct Nothing;

    impl Projection for Nothing {
        type Event = Both;

        async fn apply(&mut self, event: Both, _: &Arrival) -> Handled {
            match event {
                Both::Parcel(event) => Err(Reject::because(event.parcel_id))?,
                Both::Pallet(event) => Err(Reject::because(event.pallet_id))?,
            }
        }
    }

    let error = bus.project(Nothing).run().await.expect_err("two streams");
    assert!(matches!(error, ReplayError::SeveralStreams { .. }), "{error:?}");
    assert!(error.to_string().contains("PALLETS_EVENTS"), "{error}");
}

async fn stored_events_can_be_given_to_a_function(bus: Tidings) {
    fill(&bus, 0..3).await;
    let publisher = courier(&bus);
    publisher.parcel_sent(sent("p-2", 7)).await.expect("stored");
    let stream = crate::fixture::catalog::CATALOG.stream("PARCELS_EVENTS").expect("a stream");
    let mut steps = Vec::new();
    let replayed = bus.replay(stream).key("p-1").each(|event: ParcelEvent, arrival| {
        if let ParcelEvent::Sent(event) = event {
            steps.push((event.step, arrival.place.sequence));
        }
        async { Ok(()) }
    });
    assert_eq!(replayed.await.expect("readable").events, 3);
    assert_eq!(steps, [(0, 1), (1, 2), (2, 3)]);
}

/// Who rents which locker.
struct Renters(mpsc::UnboundedSender<String>);

impl Projection for Renters {
    type Event = LockerEvent;

    async fn apply(&mut self, event: LockerEvent, at: &Arrival) -> Handled {
        assert_eq!(at.envelope.encrypted_fields, None, "it is plain by now");
        if let LockerEvent::Rented(event) = event {
            let _ = self.0.send(format!("{} {}", event.locker_id, event.renter));
        }
        Ok(())
    }
}

async fn while_the_keys_are_away_nothing_is_passed_over(bus: Tidings) {
    let vault = Vault::of(&bus);
    let publisher = janitor(&bus);
    publisher.locker_opened(opened("l-1")).await.expect("stored");
    for locker in ["l-1", "l-2"] {
        publisher.locker_rented(rented(locker, 10)).await.expect("stored");
    }
    vault.leave();
    let (told, mut renters) = mpsc::unbounded_channel();
    let (skipped, mut skips) = mpsc::unbounded_channel();
    let (end, ended_by) = oneshot::channel::<()>();
    let (progress, mut progresses) = mpsc::unbounded_channel();
    let run = bus.project(Renters(told)).until(ended_by).skip_failures(move |failure| {
        let _ = skipped.send(failure.clone());
    });
    let run = run.on_progress(move |at| {
        let _ = progress.send(at.sequence);
    });
    let run = tokio::spawn(run.run());
    // It is asked again and again meanwhile.
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    assert!(renters.try_recv().is_err() && skips.try_recv().is_err());
    vault.come_back();
    for locker in ["l-1", "l-2"] {
        assert_eq!(next(&mut renters).await, format!("{locker} {RENTER}"));
    }
    vault.leave();
    publisher.locker_opened(opened("l-2")).await.expect("stored, as nothing in it is encrypted");
    while next(&mut progresses).await < 6 {}
    drop(end);
    let replayed = ended(run).await.expect("ended well");
    assert_eq!((replayed.events, replayed.failed), (4, 0));
    // Who is told to end while the keys are away ends.
    let (told, _renters) = mpsc::unbounded_channel();
    let run =
        bus.project(Renters(told)).until(tokio::time::sleep(std::time::Duration::from_millis(300)));
    let replayed = ended(tokio::spawn(run.run())).await.expect("ended well");
    assert_eq!(replayed.events, 1, "the one before");
}

async fn without_keys_nothing_is_begun(bus: Tidings) {
    let (told, _renters) = mpsc::unbounded_channel();
    let error = bus.project(Renters(told)).run().await.expect_err("there are no keys");
    assert!(matches!(error, ReplayError::Keys(_)), "{error:?}");
    let stream = crate::fixture::catalog::CATALOG.stream("LOCKERS_EVENTS").expect("a stream");
    let error = bus.replay(stream).each(async |_: LockerEvent, _| Ok(())).await;
    assert!(matches!(error, Err(ReplayError::Keys(_))), "{error:?}");
}

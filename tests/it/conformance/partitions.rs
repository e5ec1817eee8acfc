use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings::{
    Event, EventSpec, InvalidToken, PublishedBy, Subject, Subscription as _, Tidings, partition,
};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::on_both_brokers;
use crate::fixture::catalog::{self, pallets, tracking};
use crate::fixture::{Running, Seen, Sightings, Tracker, courier, moved, next};

on_both_brokers!(
    one_key_stays_in_order_over_instances_that_come_and_go,
    an_event_under_way_holds_up_its_partition_and_no_other,
    what_has_no_partition_is_handled_too,
    fewer_at_once_than_partitions,
    who_wants_no_order_reads_every_partition,
);

pub(crate) const PALLETS: u64 = 9;
pub(crate) const STEPS: u64 = 10;

/// An instance whose end is that of a process which is killed: nothing is settled, nothing given back.
fn instance(bus: &Tidings, tracker: &Tracker) -> JoinHandle<()> {
    let run = bus.run(tracking::PalletsInOrder::subscriber(tracker.clone()));
    tokio::spawn(async move { drop(run.until(std::future::pending::<()>()).await) })
}

/// How far each pallet has come; panics where a step is taken before the one before it.
#[derive(Default)]
pub(crate) struct Progress(BTreeMap<String, u64>);

impl Progress {
    pub(crate) fn note(&mut self, seen: &Seen) {
        // What was not settled comes again, and rightly.
        let next = self.0.get(&seen.parcel).map_or(0, |last| last + 1);
        assert!(seen.step <= next, "{seen:?}, where {next} was to come");
        let last = self.0.entry(seen.parcel.clone()).or_default();
        *last = seen.step.max(*last);
    }

    pub(crate) fn is_complete(&self, pallets: u64, steps: u64) -> bool {
        self.0.len() as u64 == pallets && self.0.values().all(|last| last + 1 == steps)
    }
}

pub(crate) async fn publish_all(bus: &Tidings) {
    for step in 0..STEPS {
        for pallet in 0..PALLETS {
            courier(bus).pallet_moved(moved(&format!("q-{pallet}"), step)).await.expect("stored");
        }
    }
}

async fn one_key_stays_in_order_over_instances_that_come_and_go(bus: Tidings) {
    // Some events fail once, and all take a while, so that instances die in the middle of them.
    let (tracker, mut sightings) = Tracker::new(async |seen: Seen| {
        tokio::time::sleep(Duration::from_millis(seen.sequence % 7)).await;
        if seen.sequence.is_multiple_of(11) && seen.attempt == 1 {
            Err(std::io::Error::other("once"))?;
        }
        Ok(())
    });
    publish_all(&bus).await;
    let mut instances: Vec<_> = (0..3).map(|_| instance(&bus, &tracker)).collect();
    let mut progress = Progress::default();
    let mut seen = 0_usize;
    while !progress.is_complete(PALLETS, STEPS) {
        progress.note(&next(&mut sightings).await);
        seen += 1;
        if seen.is_multiple_of(20) && seen <= 80 {
            let turn = seen % 3;
            instances[turn].abort();
            instances[turn] = instance(&bus, &tracker);
        }
    }
    bus.idle(tracking::pallets_in_order::Subscription::SPEC).await.expect("idle");
    instances.iter().for_each(JoinHandle::abort);
    while let Ok(late) = sightings.try_recv() {
        progress.note(&late);
    }
}

async fn an_event_under_way_holds_up_its_partition_and_no_other(bus: Tidings) {
    let gate = Arc::new(Semaphore::new(0));
    let waiting = Arc::clone(&gate);
    let (tracker, mut sightings) = Tracker::new(move |seen: Seen| {
        let waiting = Arc::clone(&waiting);
        async move {
            if seen.parcel == "a" && seen.step == 0 {
                waiting.acquire().await?.forget();
            }
            Ok(())
        }
    });
    let run = Running::start(bus.run(tracking::PalletsInOrder::subscriber(tracker)));
    let names = ["a", "b", "c", "d"];
    let other = names.into_iter().find(|name| partition(name, 4) != partition("a", 4));
    let other = other.expect("keys are spread");
    courier(&bus).pallet_moved(moved("a", 0)).await.expect("stored");
    assert_eq!(next(&mut sightings).await.parcel, "a");
    for step in 0..3 {
        courier(&bus).pallet_moved(moved("a", step + 1)).await.expect("stored");
        courier(&bus).pallet_moved(moved(other, step)).await.expect("stored");
        let seen = next(&mut sightings).await;
        assert_eq!((seen.parcel.as_str(), seen.step), (other, step));
    }
    gate.add_permits(1);
    for step in 1..=3 {
        let seen = next(&mut sightings).await;
        assert_eq!((seen.parcel.as_str(), seen.step), ("a", step));
    }
    assert_eq!(run.stop().await.handled, 7);
}

async fn what_has_no_partition_is_handled_too(bus: Tidings) {
    let (tracker, sightings) = Tracker::content();
    let (log, logged) = Tracker::content();
    let runs = [
        Running::start(bus.run(tracking::PalletsInOrder::subscriber(tracker))),
        Running::start(bus.run(tracking::EveryPallet::subscriber(log))),
    ];
    // As a service does that was built before the stream was divided.
    courier(&bus).publish(Undivided(moved("q-1", 0))).await.expect("stored");
    courier(&bus).pallet_moved(moved("q-1", 1)).await.expect("stored");
    for mut sightings in [sightings, logged] {
        let steps =
            BTreeSet::from([next(&mut sightings).await.step, next(&mut sightings).await.step]);
        assert_eq!(steps, BTreeSet::from([0, 1]));
    }
    for run in runs {
        assert_eq!(run.stop().await.handled, 2);
    }
}

async fn fewer_at_once_than_partitions(bus: Tidings) {
    let (tracker, mut sightings, gate) = Tracker::gated(0);
    publish_all(&bus).await;
    let spec = tracking::few_pallets::Subscription::SPEC;
    let run = Running::start(bus.run(tracking::FewPallets::subscriber(tracker)));
    for _ in 0..2 {
        next(&mut sightings).await;
    }
    // The others wait for their turn, and keep their deliveries alive meanwhile.
    tokio::time::sleep(spec.ack_wait).await;
    assert!(sightings.try_recv().is_err(), "two at once");
    gate.add_permits(usize::try_from(PALLETS * STEPS).expect("few"));
    let mut progress = Progress::default();
    bus.idle(spec).await.expect("idle");
    assert_eq!(run.stop().await.handled, PALLETS * STEPS);
    while let Some(seen) = sightings.recv().await {
        assert_eq!(seen.attempt, 1);
        progress.0.insert(seen.parcel, seen.step);
    }
}

async fn who_wants_no_order_reads_every_partition(bus: Tidings) {
    let (tracker, sightings) = Tracker::content();
    publish_all(&bus).await;
    let run = Running::start(bus.run(tracking::EveryPallet::subscriber(tracker)));
    assert_eq!(all(sightings, PALLETS * STEPS).await.len() as u64, PALLETS * STEPS);
    assert_eq!(run.stop().await.handled, PALLETS * STEPS);
    assert!(
        pallets::PalletMoved::SPEC.filters().eq(["pallets.pallet.moved", "pallets.pallet.moved.*"])
    );
}

/// The event as it was before its stream was divided.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Undivided(pallets::PalletMoved);

impl Event for Undivided {
    type Contract = Self;

    const SPEC: &'static EventSpec = &EventSpec::new(
        pallets::PalletMoved::SPEC.event_type,
        pallets::PalletMoved::SPEC.version,
        pallets::PalletMoved::SPEC.data_schema,
        pallets::PalletMoved::SPEC.stream,
        pallets::PalletMoved::SPEC.filter,
        &[],
    );

    fn subject(&self) -> Result<Subject, InvalidToken> {
        self.0.subject()
    }

    fn key(&self) -> Option<String> {
        self.0.key()
    }
}

impl PublishedBy<catalog::courier::Service> for Undivided {}

/// The pallets and steps of so many sightings.
async fn all(mut sightings: Sightings, count: u64) -> BTreeSet<(String, u64)> {
    let mut all = BTreeSet::new();
    for _ in 0..count {
        let seen = next(&mut sightings).await;
        all.insert((seen.parcel, seen.step));
    }
    all
}

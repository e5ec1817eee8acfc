//! A bit of everything, at random: what is promised holds, and a seed tells the whole run.

use std::collections::{BTreeMap, BTreeSet};

use tidings::Tidings;
use tidings::testing::{Fault, Faults};

use super::{broker, lag, settled};
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Running, Seen, Tracker, courier, sent};

const EVENTS: u64 = 200;

/// When the next event is published.
#[derive(Clone, Copy, PartialEq)]
enum Pace {
    AtOnce,
    /// When everything is settled, so that nothing happens at the same instant.
    OneByOne,
}

/// What a run came to.
#[derive(Debug, PartialEq)]
struct Story {
    struck: Vec<Fault>,
    stored: BTreeSet<u64>,
    unknown: BTreeSet<u64>,
    sightings: Vec<(u64, u64)>,
}

/// Publishes and handles under faults; each tenth event fails in its first attempt.
async fn run(bus: &Tidings, faults: &Faults, seed: u64, pace: Pace) -> Story {
    let (tracker, mut sightings) = Tracker::new(async |seen: Seen| match seen {
        Seen { step, attempt: 1, .. } if step % 10 == 0 => Err(std::io::Error::other("not yet"))?,
        _ => Ok(()),
    });
    faults.chaos(seed);
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let (mut stored, mut unknown) = (BTreeSet::new(), BTreeSet::new());
    for step in 0..EVENTS {
        match courier(bus).parcel_sent(sent("p-1", step)).id(format!("event-{step}")).await {
            Ok(published) => {
                assert!(!published.duplicate, "{step} was published once");
                stored.insert(step);
            }
            Err(error) if error.is_unknown() => {
                unknown.insert(step);
            }
            Err(error) => panic!("seed {seed}, event {step}: {error:?}"),
        }
        if pace == Pace::OneByOne {
            settled(bus).await;
        }
    }
    settled(bus).await;
    faults.stop();
    settled(bus).await;
    run.stop().await;
    let mut seen = Vec::new();
    while let Ok(sighting) = sightings.try_recv() {
        seen.push((sighting.step, sighting.attempt));
    }
    Story { struck: faults.struck(), stored, unknown, sightings: seen }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_and_nothing_is_stored_twice() {
    for seed in 0..20 {
        let (bus, faults) = broker().await;
        let story = run(&bus, &faults, seed, Pace::AtOnce).await;
        assert!(story.struck.len() > 20, "seed {seed}: {:?}", story.struck);
        let mut attempts: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (step, attempt) in &story.sightings {
            attempts.entry(*step).or_default().push(*attempt);
        }
        let handled: BTreeSet<u64> = attempts.keys().copied().collect();
        assert!(story.stored.is_subset(&handled), "seed {seed}: events were lost");
        let known: BTreeSet<u64> = story.stored.union(&story.unknown).copied().collect();
        assert!(handled.is_subset(&known), "seed {seed}: events out of nowhere");
        // One message an event: no attempt is seen twice.
        for (step, attempts) in attempts {
            let different: BTreeSet<u64> = attempts.iter().copied().collect();
            assert_eq!(different.len(), attempts.len(), "seed {seed}, event {step}: {attempts:?}");
        }
        let letters = bus.dead_letters(&CATALOG).all().await.expect("readable");
        assert!(letters.is_empty(), "seed {seed}: {letters:#?}");
        assert_eq!(lag(&bus).await.unsettled, 0);
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    let tell = |seed| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(true).build().expect("a runtime");
        runtime.block_on(async {
            let (bus, faults) = broker().await;
            run(&bus, &faults, seed, Pace::OneByOne).await
        })
    };
    let first = tell(7);
    assert_eq!(first, tell(7));
    assert_ne!(first.struck, tell(8).struck);
}

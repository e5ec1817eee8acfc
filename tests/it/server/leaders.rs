//! Replays and sweepers go on when the leaders of what they read die, and loads know what has become of them.

use std::collections::HashMap;

use futures_util::FutureExt as _;
use tidings::testing::{Cluster, NatsServer};
use tidings::{Bulk, BulkError, Config, Loaded, Subscription as _, Tidings};
use tokio::sync::{oneshot, watch};

use super::replay::{expect, fill};
use super::sweep::{Sweeping, foreign, letters, terminate};
use crate::conformance::bulk::begun;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{PATIENCE, Tracker, courier, next, sent, until};

const JOURNEY: &tidings::catalog::SubscriptionSpec = tracking::journey::Subscription::SPEC;

/// Every stream on three servers.
async fn connect(cluster: &Cluster) -> Tidings {
    let config = Config::new(cluster.urls().join(",")).environment("production");
    let bus = Tidings::connect(config).await.expect("a connection");
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    bus
}

/// One after the other: what is sent side by side is stored in another order where a leader dies.
async fn publish(bus: &Tidings, steps: std::ops::Range<u64>) {
    for step in steps {
        courier(bus).parcel_sent(sent("p-1", step)).await.expect("stored by the next leader");
    }
}

async fn kill_leader(cluster: &mut Cluster, stream: &str) -> usize {
    let leader = cluster.leader_of(stream).await.expect("a leader");
    cluster.node_mut(leader).kill().expect("killed");
    leader
}

async fn bring_back(cluster: &mut Cluster, index: usize) {
    cluster.node_mut(index).restart().await.expect("back");
    cluster.ready().await.expect("of one mind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_goes_on_when_leaders_die() {
    let mut cluster = Cluster::start(3).await.expect("a cluster");
    let bus = connect(&cluster).await;
    fill(&bus, 0..3000).await;
    let (tracker, mut sightings) = Tracker::content();
    let (end, ended) = oneshot::channel::<()>();
    let replay = bus.replay(JOURNEY).follow().until(ended);
    let replay = tokio::spawn(replay.to(tracking::Journey::subscriber(tracker)));
    expect(&mut sightings, 0..1000).await;
    let dead = kill_leader(&mut cluster, JOURNEY.stream).await;
    expect(&mut sightings, 1000..3000).await;
    publish(&bus, 3000..3100).await;
    expect(&mut sightings, 3000..3100).await;
    bring_back(&mut cluster, dead).await;
    publish(&bus, 3100..3200).await;
    expect(&mut sightings, 3100..3200).await;
    drop(end);
    let replayed = replay.await.expect("no panic").expect("it ends well");
    assert_eq!((replayed.events, replayed.sequence), (3200, 3200));
    assert!(sightings.recv().await.is_none(), "nothing came twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_goes_on_when_leaders_die() {
    const GIVEN_UP: u64 = 60;
    let mut cluster = Cluster::start(3).await.expect("a cluster");
    let bus = connect(&cluster).await;
    let publisher = courier(&bus);
    for step in 0..GIVEN_UP {
        publisher.parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    let witness: &NatsServer = &cluster.nodes()[0];
    let foreign = foreign(witness).await;
    terminate(&foreign, JOURNEY.stream, JOURNEY.durable, usize::try_from(GIVEN_UP).expect("few"))
        .await;
    let sweeping = Sweeping::start(&bus);
    until("it has begun", async || !found(&bus).await.is_empty()).await;
    let dead = kill_leader(&mut cluster, CATALOG.advisories.name).await;
    bring_back(&mut cluster, dead).await;
    let dead = kill_leader(&mut cluster, CATALOG.dead_letters.stream).await;
    until("each of them is there", async || found(&bus).await.len() as u64 >= GIVEN_UP).await;
    bring_back(&mut cluster, dead).await;
    sweeping.stop().await;
    let mut places = found(&bus).await;
    places.sort_unstable();
    assert!(places.into_iter().eq(1..=GIVEN_UP), "each of them once");

    // And it goes its way: a handler gets what is redriven.
    let (tracker, mut sightings) = Tracker::content();
    let run = crate::fixture::Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let redriven = bus.dead_letters(&CATALOG).redrive().limit(1).await.expect("redriven");
    assert_eq!(redriven.count, 1);
    assert!((1..=GIVEN_UP).contains(&next(&mut sightings).await.sequence));
    run.stop().await;
}

/// The places of the dead letters' sources; none while nobody tells.
async fn found(bus: &Tidings) -> Vec<u64> {
    let letters = letters(bus).await.unwrap_or_default();
    letters.iter().map(|letter| letter.source_sequence).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_whose_leader_dies_goes_on_or_knows_what_is_stored() {
    let mut cluster = Cluster::start(3).await.expect("a cluster");
    let bus = connect(&cluster).await;
    let publisher = courier(&bus);
    let Some(mut load) = begun(&publisher).await else { return };
    let (end, ended) = watch::channel(false);
    let loading = tokio::spawn(async move {
        for step in 1.. {
            if *ended.borrow() {
                break;
            }
            match load.add(publisher.parcel_sent(sent("p-1", step))).await {
                Ok(()) => tokio::task::yield_now().await,
                Err(error) => return Err(error),
            }
        }
        load.finish().await
    });
    let pending = async || bus.lag(JOURNEY).await.map_or(0, |lag| lag.pending);
    until("thousands are stored", async || pending().await > 3_000).await;
    kill_leader(&mut cluster, JOURNEY.stream).await;
    // A plain publish is tried until there is another leader.
    let pallet = courier(&bus).pallet_moved(crate::fixture::moved("q-1", 0)).await;
    pallet.expect("stored");
    end.send_replace(true);
    let loaded = tokio::time::timeout(PATIENCE, loading).await.expect("it ends").expect("no panic");
    let (stored, perhaps) = match loaded {
        Ok(loaded) => (loaded.events, loaded.events),
        Err(BulkError::BrokenOff { stored, unknown, .. }) => (stored, stored + unknown),
        Err(error) => panic!("{error:?}"),
    };
    let (tracker, mut sightings) = Tracker::content();
    let replay = bus.replay(JOURNEY).to(tracking::Journey::subscriber(tracker));
    let there = replay.await.expect("read").events;
    assert!((stored..=perhaps).contains(&there), "{there} of {stored} to {perhaps} are there");
    expect(&mut sightings, 0..there).await;
}

/// A connection to one of the servers, and a load of 300 events of a parcel through it.
async fn load_through(cluster: &Cluster, node: usize, parcel: &str) -> (Tidings, Bulk) {
    let url = cluster.urls().swap_remove(node);
    let config = Config::new(url).environment("production");
    let bus = Tidings::connect(config).await.expect("a connection");
    let publisher = courier(&bus);
    let mut load = publisher.bulk();
    for step in 0..300 {
        load.add(publisher.parcel_sent(sent(parcel, step))).await.expect("added");
    }
    (bus, load)
}

/// How many events are stored for sure, and how many may be.
fn told(loaded: Result<Loaded, BulkError>) -> (u64, u64) {
    match loaded {
        Ok(loaded) => (loaded.events, loaded.events),
        Err(BulkError::BrokenOff { stored, unknown, .. }) => (stored, stored + unknown),
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_load_whose_end_is_lost_with_its_leader_is_true() {
    let mut cluster = Cluster::start(3).await.expect("a cluster");
    let bus = connect(&cluster).await;
    if begun(&courier(&bus)).await.is_none() {
        return;
    }
    let in_time = async |load: Bulk| {
        tokio::time::timeout(2 * PATIENCE, load.finish()).await.expect("it ends")
    };
    let mut all = Vec::new();

    // The leader hears neither the last events nor the end, until another leads; then it hears them all.
    let leader = cluster.leader_of(JOURNEY.stream).await.expect("a leader");
    let (through, mut load) = load_through(&cluster, (leader + 1) % 3, "frozen").await;
    cluster.nodes()[leader].freeze().expect("frozen");
    for step in 300..310 {
        load.add(courier(&through).parcel_sent(sent("frozen", step))).await.expect("on its way");
    }
    let frozen = told(in_time(load).await);
    assert!(frozen.0 < 310, "nobody can know of the last ones: {frozen:?}");
    all.push(("frozen", 310, frozen));
    cluster.nodes()[leader].thaw().expect("goes on");
    cluster.ready().await.expect("of one mind");

    // The leader dies when the end is on its way to it; once it is the server of the connection, and once another.
    for (parcel, beside) in [("beside", 1), ("with", 0)] {
        let leader = cluster.leader_of(JOURNEY.stream).await.expect("a leader");
        let (_through, load) = load_through(&cluster, (leader + beside) % 3, parcel).await;
        let mut finishing = Box::pin(in_time(load));
        let at_once = (&mut finishing).now_or_never();
        cluster.node_mut(leader).kill().expect("killed");
        let loaded = match at_once {
            Some(loaded) => loaded,
            None => finishing.await,
        };
        all.push((parcel, 300, told(loaded)));
        bring_back(&mut cluster, leader).await;
    }

    publish(&bus, 0..1).await;
    let (tracker, mut sightings) = Tracker::content();
    let replay = bus.replay(JOURNEY).to(tracking::Journey::subscriber(tracker));
    replay.await.expect("read");
    let mut there: HashMap<String, Vec<u64>> = HashMap::new();
    while let Some(seen) = sightings.recv().await {
        there.entry(seen.parcel).or_default().push(seen.step);
    }
    for (parcel, added, (stored, perhaps)) in all {
        let steps = there.remove(parcel).unwrap_or_default();
        let count = steps.len() as u64;
        assert!(steps.into_iter().eq(0..count), "{parcel}: in order, once, and without a gap");
        assert!(perhaps <= added, "{parcel}: {perhaps} of {added}");
        let range = stored..=perhaps;
        assert!(range.contains(&count), "{parcel}: {count} are there, and not {range:?}");
    }
}

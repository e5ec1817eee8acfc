//! Replays and sweepers go on when the leaders of what they read die.

use tidings::testing::{Cluster, NatsServer};
use tidings::{BulkError, Config, Subscription as _, Tidings};
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

//! Leaders that die, and what three servers have not agreed upon yet.

use std::time::Duration;

use futures_util::future::join_all;
use tidings::kv::{BucketConfig, KvError};
use tidings::testing::Cluster;
use tidings::{
    Config, ConnectionState, Outcome, PublishError, Subscription as _, Tidings, Timestamp,
};

use super::publishing::same_command_twice;
use crate::conformance::too_old;
use crate::fixture::catalog::{CATALOG, parcels, tracking};
use crate::fixture::{Running, Tracker, courier, next, sent, until};

/// Connects to servers of a cluster, and applies the fixture catalog.
async fn connect(config: Config) -> Tidings {
    let bus = Tidings::connect(config).await.expect("a connection");
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    bus
}

#[tokio::test(flavor = "multi_thread")]
async fn publishers_do_not_notice_that_a_leader_died() {
    let mut cluster = Cluster::start(3).await.expect("a cluster");
    // Every stream on three servers.
    let config = Config::new(cluster.urls().join(",")).environment("production");
    let bus = connect(config).await;
    same_command_twice(&bus).await;
    let leader = cluster.leader_of("PARCELS_EVENTS").await.expect("a leader");
    cluster.node_mut(leader).kill().expect("killed");
    for step in 1..20 {
        let published = courier(&bus).parcel_sent(sent("p-1", step)).await;
        published.expect("stored by the next leader");
    }
    // The consumer may be without a leader for longer.
    until("each of them is there once", async || {
        let lag = bus.lag(tracking::journey::Subscription::SPEC).await;
        lag.is_ok_and(|lag| lag.pending == 20)
    })
    .await;
}

/// A cluster, and connections to it, with every stream on three servers.
async fn replicated(connections: usize) -> (Cluster, Vec<Tidings>) {
    let cluster = Cluster::start(3).await.expect("a cluster");
    let config = || Config::new(cluster.urls().join(",")).environment("production");
    let mut buses = vec![connect(config()).await];
    for _ in 1..connections {
        buses.push(Tidings::connect(config()).await.expect("a connection"));
    }
    (cluster, buses)
}

async fn pending(bus: &Tidings) -> Option<u64> {
    let lag = bus.lag(tracking::journey::Subscription::SPEC).await;
    lag.ok().map(|lag| lag.pending)
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_are_whole_and_stored_once_when_their_leader_dies() {
    let (mut cluster, buses) = replicated(1).await;
    let publisher = courier(&buses[0]);
    let together = async |number: u64| {
        let all = (0..3).fold(publisher.atomically(), |all, place| {
            let id = format!("{number}-{place}");
            all.add(publisher.parcel_sent(sent("p-1", number)).id(id))
        });
        all.await
    };
    for number in 0..40 {
        let published = together(number).await;
        if too_old(&published) {
            return;
        }
        let published = published.expect("stored");
        assert!(published.iter().all(|one| one.outcome() == Outcome::Stored), "{published:?}");
        if number == 10 {
            let leader = cluster.leader_of("PARCELS_EVENTS").await.expect("a leader");
            cluster.node_mut(leader).kill().expect("killed");
        }
    }
    until("each of them is there once", async || pending(&buses[0]).await == Some(120)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_are_kept_and_taken_back_when_their_leader_dies() {
    let (mut cluster, buses) = replicated(1).await;
    let publisher = courier(&buses[0]);
    let schedule = async |step, seconds| {
        let at = Timestamp::now() + Duration::from_secs(seconds);
        publisher.parcel_sent(sent("p-1", step)).publish_at(at).await
    };
    let first = schedule(0, 15).await;
    if too_old(&first) {
        return;
    }
    let first = first.expect("scheduled");
    let held = schedule(1, 3600).await.expect("scheduled");
    let leader = cluster.leader_of("PARCELS_EVENTS").await.expect("a leader");
    cluster.node_mut(leader).kill().expect("killed");
    assert!(publisher.cancel::<parcels::ParcelSent>(&held.id).await.expect("an answer"));
    let late = schedule(2, 3600).await.expect("scheduled with the next leader");
    assert!(publisher.cancel::<parcels::ParcelSent>(&late.id).await.expect("an answer"));
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(buses[0].run(tracking::Journey::subscriber(tracker)));
    assert_eq!(next(&mut sightings).await.id, first.id);
    run.stop().await;
    assert_eq!(pending(&buses[0]).await, Some(0));
}

/// While servers have not agreed upon one, another is a conflict with something that nobody can read.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_append_each_is_told_what_came_before() {
    let (_cluster, buses) = replicated(4).await;
    let appended = join_all(buses.iter().map(async |bus| {
        let publisher = courier(bus);
        let (mut expected, mut stored) = (0, 0);
        while stored < 20 {
            let first = publisher.parcel_sent(sent("p-1", stored)).expect_last_sequence(expected);
            let second = publisher.parcel_sent(sent("p-1", stored));
            let together = publisher.atomically().add(first).add(second).await;
            if too_old(&together) {
                return None;
            }
            match together {
                Ok(published) => {
                    stored += 1;
                    expected = published[1].sequence.expect("a place");
                }
                Err(PublishError::Conflict { last, .. }) => {
                    assert!(last > expected, "{last} is no later than {expected}");
                    expected = last;
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        Some(stored)
    }))
    .await;
    if appended.contains(&None) {
        return;
    }
    until("all are there", async || pending(&buses[0]).await == Some(160)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_create_a_key_each_is_told_the_revision_of_the_one() {
    let (_cluster, buses) = replicated(4).await;
    let config = BucketConfig::new("places").replicas(3);
    let mut buckets = Vec::new();
    for bus in &buses {
        buckets.push(bus.ensure_bucket(&config).await.expect("a bucket"));
    }
    for round in 0..50 {
        let key = format!("lock-{round}");
        let all = buckets.iter().flat_map(|bucket| [bucket; 4]);
        let outcomes = join_all(all.map(|bucket| bucket.create(&key, "mine"))).await;
        let created: Vec<u64> =
            outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).copied().collect();
        let [winner] = created.as_slice() else { panic!("one, not {created:?}") };
        for outcome in outcomes.into_iter().filter_map(Result::err) {
            let KvError::Conflict { revision, .. } = outcome else { panic!("{outcome:?}") };
            assert_eq!(revision, *winner);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_died_with_its_leader_is_made_again() {
    let mut cluster = Cluster::start(3).await.expect("a cluster");
    let bus = connect(Config::new(cluster.urls().join(","))).await;
    // Without a copy elsewhere, nobody else knows of the request.
    let leader = cluster.leader_of("PARCELS_EVENTS").await.expect("a leader");
    bus.close().await.expect("closed");
    // This connection stays, so nothing tells that the request was lost.
    let bus = connect(Config::new(cluster.nodes()[(leader + 1) % 3].url())).await;
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    next(&mut sightings).await;
    cluster.node_mut(leader).kill().expect("killed");
    cluster.node_mut(leader).restart().await.expect("back");
    courier(&bus).parcel_sent(sent("p-1", 1)).await.expect("stored");
    while next(&mut sightings).await.step != 1 {}
    assert_eq!(bus.connection_state(), ConnectionState::Connected(1));
    run.stop().await;
}

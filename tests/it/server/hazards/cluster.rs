//! Leaders that die.

use tidings::testing::Cluster;
use tidings::{Config, ConnectionState, Subscription as _, Tidings};

use super::publishing::same_command_twice;
use crate::fixture::catalog::{CATALOG, tracking};
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

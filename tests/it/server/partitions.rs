//! Order over instances, when servers and instances die.

use std::time::Duration;

use tidings::testing::NatsServer;
use tidings::{Run, Subscription as _};
use tokio::task::JoinHandle;

use super::connect;
use crate::conformance::partitions::{PALLETS, Progress, STEPS, publish_all};
use crate::fixture::catalog::tracking;
use crate::fixture::{Seen, Tracker, next};

#[tokio::test(flavor = "multi_thread")]
async fn one_key_stays_in_order_when_the_server_and_instances_are_killed() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (tracker, mut sightings) = Tracker::new(async |seen: Seen| {
        tokio::time::sleep(Duration::from_millis(seen.sequence % 7)).await;
        Ok(())
    });
    publish_all(&bus).await;
    // Each with a connection of its own, as a process has.
    let mut instances = Vec::new();
    for _ in 0..3 {
        let own = connect(&server).await;
        instances.push(instance(own.run(tracking::PalletsInOrder::subscriber(tracker.clone()))));
    }
    let mut progress = Progress::default();
    for seen in 1.. {
        progress.note(&next(&mut sightings).await);
        if progress.is_complete(PALLETS, STEPS) {
            break;
        }
        if seen == 30 {
            server.kill().expect("killed");
            server.restart().await.expect("back");
        }
        if seen == 50 {
            instances[0].abort();
        }
    }
    bus.idle(tracking::pallets_in_order::Subscription::SPEC).await.expect("idle");
    instances.iter().for_each(JoinHandle::abort);
    while let Ok(late) = sightings.try_recv() {
        progress.note(&late);
    }
}

fn instance(run: Run) -> JoinHandle<()> {
    tokio::spawn(async move { drop(run.until(std::future::pending::<()>()).await) })
}

//! What users await can be awaited on any task.

use tidings::Tidings;

use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Tracker, courier, sent};

#[tokio::test(start_paused = true)]
async fn every_future_of_the_bus_can_be_spawned() {
    let task = tokio::spawn(async {
        let bus = Tidings::embedded();
        bus.ensure(&CATALOG).await.expect("the catalog fits");
        bus.ping().await.expect("an answer");
        courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
        let receipt = courier(&bus).parcel_sent(sent("p-1", 1)).enqueue().await.expect("sent");
        receipt.await.expect("stored");
        let (tracker, mut sightings) = Tracker::content();
        let seen = async move {
            sightings.recv().await;
            sightings.recv().await
        };
        let report = bus.run(tracking::Journey::subscriber(tracker)).until(seen).await;
        assert_eq!(report.expect("a clean run").handled, 2);
        assert!(bus.dead_letters(&CATALOG).all().await.expect("a stream").is_empty());
        bus.close().await.expect("closed");
    });
    task.await.expect("no panic");
}

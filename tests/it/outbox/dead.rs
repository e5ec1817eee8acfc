//! What the broker refuses for good.

use tidings::Dialect;

use super::{Ground, Relaying, on_all_grounds, stored};
use crate::fixture::{courier, sent, until};

on_all_grounds!(
    a_refused_event_stays_visible_and_lets_the_others_go_on,
    dead_events_are_listed_in_pages
);

/// More than any broker takes.
fn too_large() -> String {
    "x".repeat(2 << 20)
}

async fn a_refused_event_stays_visible_and_lets_the_others_go_on<DB: Dialect>(ground: Ground<DB>) {
    use crate::fixture::catalog::parcels::ParcelArrived;
    let Ground { outbox, bus, .. } = &ground;
    let publisher = courier(bus);
    let arrived = |depot: String| ParcelArrived { parcel_id: "p-1".to_owned(), depot };
    let relay = Relaying::start(outbox.relay(bus));
    outbox.store(publisher.parcel_sent(sent("p-1", 0))).await.expect("written");
    let mut refused = Vec::new();
    for _ in 0..2 {
        let large = sent(&too_large(), 1);
        refused.push(outbox.store(publisher.parcel_sent(large)).await.expect("written"));
    }
    outbox.store(publisher.parcel_arrived(arrived("ulm".to_owned()))).await.expect("written");
    ground.drained().await;

    let dead = outbox.dead().all().await.expect("readable");
    assert_eq!(
        dead.iter().map(|dead| &dead.event_id).collect::<Vec<_>>(),
        refused.iter().collect::<Vec<_>>()
    );
    let first = &dead[0];
    assert_eq!(
        (first.event_type.as_str(), first.stream.as_str()),
        ("parcels.parcel.sent", "PARCELS_EVENTS")
    );
    assert!(first.error.contains("bytes") && first.died_at >= first.stored_at, "{first:?}");
    assert_eq!(outbox.lag().await.expect("readable").dead, 2);
    assert_eq!(stored(bus).await.len(), 2, "others went on");

    // It dies again, as another row.
    assert!(outbox.retry(first.id).await.expect("done"));
    until("it is dead again", async || {
        let dead = outbox.dead().after(dead[1].id).all().await.expect("readable");
        dead.first().is_some_and(|again| again.event_id == refused[0])
    })
    .await;
    assert!(
        !outbox.retry(first.id).await.expect("done")
            && !outbox.discard(first.id).await.expect("done")
    );
    assert!(outbox.discard(dead[1].id).await.expect("done"));
    assert_eq!(outbox.lag().await.expect("readable").dead, 1);
    assert_eq!(relay.stop().await.dead, 3);
}

/// Here somebody has broken the rows.
async fn dead_events_are_listed_in_pages<DB: Dialect>(ground: Ground<DB>) {
    let Ground { outbox, pool, bus, .. } = &ground;
    let publisher = courier(bus);
    let mut transaction = pool.begin().await.expect("begun");
    for step in 0..205 {
        let event = publisher.parcel_sent(sent("p-1", step));
        outbox.publish(&mut transaction, event).await.expect("written");
    }
    transaction.commit().await.expect("committed");
    ground.execute("UPDATE tidings_outbox SET headers = 'none'").await;
    let relay = Relaying::start(outbox.relay(bus));
    ground.drained().await;
    assert_eq!(relay.stop().await.dead, 205);
    let dead = outbox.dead().all().await.expect("readable");
    assert!(dead.len() == 205 && dead.is_sorted_by_key(|dead| dead.id));
    assert!(dead[0].error.contains("the row cannot be read"), "{:?}", dead[0]);
}

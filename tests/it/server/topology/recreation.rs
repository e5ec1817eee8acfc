use super::*;
use crate::fixture::catalog::tracking;
use crate::fixture::{Running, Tracker, courier, next, sent};

const STREAM: &str = "PARCELS_EVENTS";
const JOURNEY: &str = "tracking-journey";

async fn publish(bus: &Tidings, steps: std::ops::Range<u64>) {
    for step in steps {
        courier(bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
}

/// Runs the subscription until it has handled so many events, and answers their steps, sorted.
pub(super) async fn handled(bus: &Tidings, count: usize) -> Vec<u64> {
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let mut steps = Vec::new();
    while steps.len() < count {
        steps.push(next(&mut sightings).await.step);
    }
    run.stop().await;
    steps.sort_unstable();
    assert!(sightings.try_recv().is_err(), "and no more");
    steps
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_made_anew_begins_where_the_old_one_had_come_to() {
    let server = NatsServer::start().await.expect("a server");
    let bus = super::super::connect(&server).await;
    let admin = Admin::of(&server).await;
    admin.replace_consumer(STREAM, JOURNEY, json!({ "max_waiting": 100 })).await;
    publish(&bus, 0..3).await;
    assert_eq!(handled(&bus, 3).await, [0, 1, 2]);
    publish(&bus, 3..5).await;

    let refused =
        bus.ensure(&CATALOG).await.expect_err("it would have to be made anew").to_string();
    assert!(refused.contains("max_waiting is 100"), "{refused}");
    let consent = Consent::new().recreate(JOURNEY);
    let applied = bus.topology(&CATALOG).consent(consent).apply().await.expect("applied");
    assert!(applied.refused.is_empty(), "{:?}", applied.refused);
    assert_eq!(applied.done[0].1, Action::Recreate);
    assert!(applied.left.is_clean(), "{:?}", lines(applied.left.differences()));
    let config = admin.consumer(STREAM, JOURNEY).await;
    assert_eq!(
        (&config["config"]["opt_start_seq"], &config["config"]["max_waiting"]),
        (&json!(4), &json!(512))
    );
    assert_eq!(handled(&bus, 2).await, [3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_was_never_handed_anything_keeps_its_beginning() {
    let server = NatsServer::start().await.expect("a server");
    let bus = super::super::connect(&server).await;
    let admin = Admin::of(&server).await;
    publish(&bus, 0..3).await;
    let changes = json!({ "max_waiting": 100, "deliver_policy": "new" });
    admin.replace_consumer(STREAM, JOURNEY, changes).await;
    publish(&bus, 3..5).await;
    let consent = Consent::new().recreate(JOURNEY);
    let applied = bus.topology(&CATALOG).consent(consent).apply().await.expect("applied");
    assert!(applied.left.is_clean(), "{:?}", lines(applied.left.differences()));
    assert_eq!(handled(&bus, 2).await, [3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_dies_on_the_way_is_taken_up_by_the_next() {
    let server = NatsServer::start().await.expect("a server");
    let bus = super::super::connect(&server).await;
    let admin = Admin::of(&server).await;
    publish(&bus, 0..5).await;
    // As it is when a process dies between the deletion and the creation.
    let mut metadata = admin.stream(STREAM).await["metadata"].clone();
    metadata["tidings.resume.tracking-journey"] = "4".into();
    admin.change_stream(STREAM, json!({ "metadata": metadata })).await;
    admin.call("CONSUMER.DELETE.PARCELS_EVENTS.tracking-journey", Value::Null).await;

    bus.ensure(&CATALOG).await.expect("created");
    assert_eq!(handled(&bus, 2).await, [3, 4]);
    let metadata = &admin.stream(STREAM).await["metadata"];
    assert_eq!(
        (&metadata["tidings.catalog"], &metadata["tidings.resume.tracking-journey"]),
        (&json!("fixture"), &Value::Null)
    );
    assert!(plan(&bus, &CATALOG).await.is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_stream_is_made_anew_on_every_server() {
    let server = NatsServer::start().await.expect("a server");
    let bus = super::super::connect(&server).await;
    let admin = Admin::of(&server).await;
    publish(&bus, 0..3).await;
    let in_memory = changed(|stream| stream.limits.storage = tidings::catalog::Storage::Memory);
    let topology = || bus.topology(&in_memory).consent(Consent::new().recreate(STREAM));
    admin.call("STREAM.PURGE.PARCELS_EVENTS", Value::Null).await;
    let applied = topology().apply().await.expect("applied");
    assert!(applied.refused.is_empty(), "{:?}", applied.refused);
    let left = lines(applied.left.differences());
    assert!(left.iter().all(|line| !line.starts_with(STREAM)), "{left:?}");
    let stream = admin.stream(STREAM).await;
    assert_eq!(stream["storage"], "memory");
    assert!(
        stream["metadata"]
            .as_object()
            .expect("metadata")
            .keys()
            .all(|key| !key.starts_with("tidings.resume"))
    );
    publish(&bus, 10..12).await;
    assert_eq!(handled(&bus, 2).await, [10, 11]);
}

use std::sync::{Arc, Mutex};

use tidings::{Background, Loss, Overflow, PublishError, Tidings};
use tokio::runtime::{Builder, Runtime};

use super::on_both_brokers;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{PATIENCE, Running, Tracker, courier, next, sent};

on_both_brokers!(
    what_is_published_in_the_background_comes_in_order,
    a_payload_is_checked_before_it_is_queued,
    closing_sends_what_waits,
    flushing_waits_for_what_was_enqueued,
);

async fn what_is_published_in_the_background_comes_in_order(bus: Tidings) {
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::InOrder::subscriber(tracker)));
    for step in 0..2000 {
        courier(&bus).parcel_sent(sent("p-1", step)).in_background().expect("room");
    }
    for step in 0..2000 {
        assert_eq!(next(&mut sightings).await.step, step);
    }
    bus.flush().await;
    let counts = bus.background_counts();
    assert_eq!((counts.published, counts.waiting, counts.failed), (2000, 0, 0), "{counts:?}");
    run.stop().await;
}

async fn a_payload_is_checked_before_it_is_queued(bus: Tidings) {
    let nobody = crate::fixture::catalog::courier::Publisher::new(&bus);
    let error = nobody.parcel_sent(sent("p-1", 0)).in_background();
    assert!(matches!(error, Err(PublishError::NoOrganization { .. })), "{error:?}");
    assert_eq!(bus.background_counts().waiting, 0);
}

async fn closing_sends_what_waits(bus: Tidings) {
    for step in 0..500 {
        courier(&bus).parcel_sent(sent("p-1", step)).in_background().expect("room");
    }
    bus.close().await.expect("everything is handed over");
    let counts = bus.background_counts();
    assert_eq!((counts.published, counts.waiting), (500, 0), "{counts:?}");
    let late = courier(&bus).parcel_sent(sent("p-1", 500)).in_background();
    assert!(matches!(late, Err(PublishError::Rejected { .. })), "{late:?}");
}

async fn flushing_waits_for_what_was_enqueued(bus: Tidings) {
    for step in 0..300 {
        let receipt = courier(&bus).parcel_sent(sent("p-1", step)).enqueue().await.expect("sent");
        // Nobody asks what became of it.
        drop(receipt);
    }
    bus.flush().await;
    let spec = <tracking::journey::Subscription as tidings::Subscription>::SPEC;
    assert_eq!(bus.lag(spec).await.expect("a consumer").pending, 300);
}

/// On one thread, nothing is sent before the test waits for something.
async fn crowded(overflow: Overflow) -> (Tidings, Arc<Mutex<Vec<String>>>) {
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let lost = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&lost);
    bus.set_background(Background::default().capacity(3).overflow(overflow).on_lost(move |lost| {
        assert!(matches!(lost.loss, Loss::Overflow), "{lost:?}");
        told.lock().expect("no panic").push(lost.id.clone());
    }));
    (bus, lost)
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_refuses_the_new() {
    let (bus, lost) = crowded(Overflow::RejectNew).await;
    for step in 0..5 {
        let taken = courier(&bus).parcel_sent(sent("p-1", step)).in_background();
        match (step < 3, taken) {
            (true, taken) => drop(taken.expect("room")),
            (false, Err(PublishError::QueueFull { capacity: 3, .. })) => {}
            (false, other) => panic!("{other:?}"),
        }
    }
    bus.flush().await;
    let counts = bus.background_counts();
    assert_eq!((counts.published, counts.rejected, counts.dropped), (3, 2, 0), "{counts:?}");
    assert!(lost.lock().expect("no panic").is_empty(), "the caller knows");
}

#[tokio::test(start_paused = true)]
async fn whoever_is_told_of_a_loss_may_panic() {
    let (bus, _) = crowded(Overflow::DropOldest).await;
    let panics = Background::default().capacity(1).overflow(Overflow::DropOldest);
    bus.set_background(panics.on_lost(|lost| panic!("{} is lost", lost.id)));
    for step in 0..5 {
        courier(&bus).parcel_sent(sent("p-1", step)).in_background().expect("taken in");
    }
    tokio::time::timeout(PATIENCE, bus.flush()).await.expect("flushed");
    let counts = bus.background_counts();
    assert_eq!((counts.published, counts.dropped, counts.waiting), (1, 4, 0), "{counts:?}");
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

async fn flushed(bus: &Tidings) {
    tokio::time::timeout(PATIENCE, bus.flush()).await.expect("flushed");
}

/// A caller may have a runtime that ends before the connection does.
fn events_outlive_the_runtime_of_their_publisher(home: &Runtime, bus: &Tidings) {
    let guest = Builder::new_current_thread().enable_all().build().expect("a runtime");
    guest.block_on(async {
        for step in 0..10 {
            courier(bus).parcel_sent(sent("p-1", step)).in_background().expect("room");
        }
    });
    drop(guest);
    home.block_on(flushed(bus));
    let counts = bus.background_counts();
    assert_eq!((counts.published, counts.failed), (10, 0), "{counts:?}");
}

#[test]
fn on_the_embedded_broker_events_outlive_the_runtime_of_their_publisher() {
    let home = runtime();
    let bus = home.block_on(async { Tidings::embedded() });
    home.block_on(bus.ensure(&CATALOG)).expect("the catalog fits");
    events_outlive_the_runtime_of_their_publisher(&home, &bus);
}

#[test]
fn on_a_server_events_outlive_the_runtime_of_their_publisher() {
    let home = runtime();
    let server = home.block_on(tidings::testing::NatsServer::start()).expect("a server");
    let bus = home.block_on(crate::server::connect(&server));
    events_outlive_the_runtime_of_their_publisher(&home, &bus);
}

#[test]
fn answers_are_heard_when_the_runtime_of_whoever_asked_first_has_ended() {
    let home = runtime();
    let server = home.block_on(tidings::testing::NatsServer::start()).expect("a server");
    home.block_on(crate::server::connect(&server));
    // It has asked for nothing yet.
    let fresh = Tidings::connect(tidings::Config::new(server.url()));
    let bus = home.block_on(fresh).expect("a connection");
    let guest = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let publisher = courier(&bus);
    guest.block_on(async { publisher.parcel_sent(sent("p-1", 0)).await }).expect("stored");
    drop(guest);
    let later = async { publisher.parcel_sent(sent("p-1", 1)).await };
    let later = home.block_on(async { tokio::time::timeout(PATIENCE, later).await });
    later.expect("in time").expect("stored");
}

#[test]
fn events_are_sent_where_the_runtime_of_the_connection_has_ended() {
    let home = runtime();
    let bus = home.block_on(async { Tidings::embedded() });
    home.block_on(bus.ensure(&CATALOG)).expect("the catalog fits");
    drop(home);
    runtime().block_on(async {
        courier(&bus).parcel_sent(sent("p-1", 0)).in_background().expect("room");
        flushed(&bus).await;
    });
    assert_eq!(bus.background_counts().published, 1);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_drops_the_oldest_and_tells() {
    let (bus, lost) = crowded(Overflow::DropOldest).await;
    let mut ids = Vec::new();
    for step in 0..5 {
        let taken = courier(&bus).parcel_sent(sent("p-1", step)).in_background();
        ids.push(taken.expect("taken in"));
    }
    assert_eq!(*lost.lock().expect("no panic"), ids[..2]);
    bus.flush().await;
    let counts = bus.background_counts();
    assert_eq!((counts.published, counts.rejected, counts.dropped), (3, 0, 2), "{counts:?}");
}

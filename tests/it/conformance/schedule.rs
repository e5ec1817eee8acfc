use std::time::Duration;

use tidings::{PublishError, Reject, Subscription as _, Tidings, Timestamp};
use tokio::time::Instant;

use super::{on_both_brokers, too_old};
use crate::fixture::catalog::{CATALOG, parcels, tracking};
use crate::fixture::{Running, Tracker, courier, next, sent, until};

on_both_brokers!(
    a_scheduled_event_comes_when_its_time_has_come,
    a_time_that_has_passed_is_now,
    what_was_taken_back_never_comes,
    what_was_taken_back_can_be_scheduled_again,
    what_was_taken_back_can_be_published,
    scheduling_again_takes_the_place_of_the_first,
    a_scheduled_event_that_fails_is_a_dead_letter,
    what_the_stream_would_not_keep_is_refused,
    copies_in_older_versions_are_scheduled_too,
);

/// On the embedded broker the time of day passes as the test's clock does.
fn in_seconds(seconds: u64) -> Timestamp {
    Timestamp::now() + Duration::from_secs(seconds)
}

async fn pending(bus: &Tidings) -> u64 {
    bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer").pending
}

async fn a_scheduled_event_comes_when_its_time_has_come(bus: Tidings) {
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let publisher = courier(&bus);
    let begun = Instant::now();
    let scheduled = publisher.parcel_sent(sent("p-1", 7)).publish_at(in_seconds(3)).await;
    if too_old(&scheduled) {
        return;
    }
    let scheduled = scheduled.expect("scheduled");
    publisher.parcel_sent(sent("p-1", 1)).await.expect("stored");
    assert_eq!(next(&mut sightings).await.step, 1, "the other one waits");
    let seen = next(&mut sightings).await;
    assert_eq!((seen.step, seen.id), (7, scheduled.id));
    // The two clocks were read one after the other.
    assert!(begun.elapsed() >= Duration::from_millis(2500), "{:?}", begun.elapsed());
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (2, 0), "{report:?}");
}

async fn a_time_that_has_passed_is_now(bus: Tidings) {
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let passed = Timestamp::now() - Duration::from_secs(3600);
    let scheduled = courier(&bus).parcel_sent(sent("p-1", 7)).publish_at(passed).await;
    if too_old(&scheduled) {
        return;
    }
    assert_eq!(next(&mut sightings).await.id, scheduled.expect("stored").id);
    run.stop().await;
}

async fn what_was_taken_back_never_comes(bus: Tidings) {
    let publisher = courier(&bus);
    let scheduled = publisher.parcel_sent(sent("p-1", 7)).publish_at(in_seconds(2)).await;
    if too_old(&scheduled) {
        return;
    }
    let id = scheduled.expect("scheduled").id;
    assert!(publisher.cancel::<parcels::ParcelSent>(&id).await.expect("an answer"));
    assert!(!publisher.cancel::<parcels::ParcelSent>(&id).await.expect("an answer"), "gone");
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    // By the time of this one, the other would have come.
    let later = publisher.parcel_sent(sent("p-1", 8)).publish_at(in_seconds(4)).await;
    assert_eq!(next(&mut sightings).await.id, later.expect("scheduled").id);
    run.stop().await;
}

async fn what_was_taken_back_can_be_scheduled_again(bus: Tidings) {
    let publisher = courier(&bus);
    let schedule =
        |seconds| publisher.parcel_sent(sent("p-1", 7)).id("same").publish_at(in_seconds(seconds));
    let first = schedule(30).await;
    if too_old(&first) {
        return;
    }
    first.expect("scheduled");
    assert!(publisher.cancel::<parcels::ParcelSent>("same").await.expect("an answer"));
    schedule(1).await.expect("scheduled again");
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    assert_eq!(next(&mut sightings).await.id, "same");
    run.stop().await;
}

async fn what_was_taken_back_can_be_published(bus: Tidings) {
    let publisher = courier(&bus);
    let scheduled = publisher.parcel_sent(sent("p-1", 7)).id("same").publish_at(in_seconds(30));
    if too_old(&scheduled.await) {
        return;
    }
    assert!(publisher.cancel::<parcels::ParcelSent>("same").await.expect("an answer"));
    let now = publisher.parcel_sent(sent("p-1", 7)).id("same").await.expect("stored");
    assert!(!now.duplicate, "nothing was stored before");
    assert_eq!(pending(&bus).await, 1);
}

async fn scheduling_again_takes_the_place_of_the_first(bus: Tidings) {
    let publisher = courier(&bus);
    let begun = Instant::now();
    for (step, seconds) in [(1, 1), (2, 3)] {
        let event = publisher.parcel_sent(sent("p-1", step)).id("same");
        if too_old(&event.publish_at(in_seconds(seconds)).await) {
            return;
        }
    }
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let seen = next(&mut sightings).await;
    assert_eq!((seen.id.as_str(), seen.step), ("same", 2));
    assert!(begun.elapsed() >= Duration::from_millis(2500), "{:?}", begun.elapsed());
    let report = run.stop().await;
    assert_eq!(report.handled, 1);
    assert_eq!(pending(&bus).await, 0);
}

/// It is stored with headers that the server acts on.
async fn a_scheduled_event_that_fails_is_a_dead_letter(bus: Tidings) {
    let scheduled = courier(&bus).parcel_sent(sent("p-1", 7)).publish_at(in_seconds(1)).await;
    if too_old(&scheduled) {
        return;
    }
    let id = scheduled.expect("scheduled").id;
    let (tracker, _sightings) =
        Tracker::new(async |_| Err(Reject::because("no such parcel").into()));
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    until("it is buried", async || {
        bus.dead_letters(&CATALOG).all().await.is_ok_and(|letters| letters.len() == 1)
    })
    .await;
    run.stop().await;
    let letters = bus.dead_letters(&CATALOG).all().await.expect("readable");
    assert_eq!(letters[0].event_id.as_deref(), Some(id.as_str()));
}

async fn what_the_stream_would_not_keep_is_refused(bus: Tidings) {
    let publisher = courier(&bus);
    let years = in_seconds(10 * 365 * 24 * 3600);
    let late = publisher.parcel_sent(sent("p-1", 7)).publish_at(years).await;
    if !too_old(&late) {
        let error = late.expect_err("nothing is kept for so long");
        assert!(matches!(error, PublishError::Unschedulable { .. }), "{error:?}");
    }
    let expecting = publisher.parcel_sent(sent("p-1", 7)).expect_last_sequence(0);
    let error = expecting.publish_at(in_seconds(1)).await.expect_err("of what?");
    assert!(matches!(error, PublishError::Unschedulable { .. }), "{error:?}");
    assert_eq!(pending(&bus).await, 0);
}

async fn copies_in_older_versions_are_scheduled_too(bus: Tidings) {
    use tidings::Event as _;

    let measured = parcels::v3::ParcelMeasured::SPEC.examples[0];
    let measured = || serde_json::from_str::<parcels::v3::ParcelMeasured>(measured).expect("one");
    let publisher = courier(&bus);
    let count = async || {
        let first = tracking::first_weights::Subscription::SPEC;
        bus.lag(first).await.expect("a consumer").pending
    };
    let scheduled = publisher.publish(measured()).publish_at(in_seconds(1)).await;
    if too_old(&scheduled) {
        return;
    }
    until("the oldest copy is stored", async || count().await > 0).await;
    let scheduled = publisher.publish(measured()).publish_at(in_seconds(2)).await;
    let id = scheduled.expect("scheduled").id;
    assert!(publisher.cancel::<parcels::v3::ParcelMeasured>(&id).await.expect("an answer"));
    let before = count().await;
    let later = publisher.parcel_sent(sent("p-1", 8)).publish_at(in_seconds(4)).await;
    later.expect("scheduled");
    until("the later one is stored", async || pending(&bus).await > 0).await;
    assert_eq!(count().await, before, "no copy was left");
}

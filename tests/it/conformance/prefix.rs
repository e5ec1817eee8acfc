//! Environments that share a broker, each under a prefix of its own. That everything works under one is what the rest of the
//! suite shows, which runs there too; here it is that they do not meet.

use std::time::Duration;

use tidings::kv::BucketConfig;
use tidings::objects::ObjectsConfig;
use tidings::{BrokerError, Reject, Subscription as _, Tidings, Timestamp};

use super::aggregates::card::{cards, issued, nobody_can_append};
use super::payloads::shelf;
use super::{on_both_brokers, too_old};
use crate::fixture::catalog::{CATALOG, parcels, photos, tracking};
use crate::fixture::{Running, Tracker, courier, next, sent, under, until};

on_both_brokers!(
    an_event_is_handled_under_its_prefix_alone,
    a_dead_letter_is_found_and_redriven_under_its_prefix_alone,
    a_payload_that_lies_apart_is_found_under_its_prefix_alone,
    a_scheduled_event_comes_under_its_prefix_alone,
    an_aggregate_is_another_one_under_another_prefix,
    buckets_are_others_under_another_prefix,
    what_is_missing_under_a_prefix_is_said_by_its_name_there,
);

const JOURNEY: &tidings::catalog::SubscriptionSpec = tracking::journey::Subscription::SPEC;

/// Two environments beside the one without a prefix, or whatever prefix the suite runs under.
async fn two(bus: &Tidings) -> [Tidings; 2] {
    let two = ["production", "test-2"].map(|prefix| under(bus, prefix));
    for one in &two {
        one.ensure(&CATALOG).await.expect("there is room for all");
    }
    two
}

async fn pending(bus: &Tidings) -> u64 {
    bus.lag(JOURNEY).await.expect("a consumer").pending
}

async fn an_event_is_handled_under_its_prefix_alone(bus: Tidings) {
    let [production, test] = two(&bus).await;
    assert_eq!(production.prefix().map(tidings::Prefix::as_str), Some("production"));
    for (step, one) in (1..).zip([&bus, &production, &test]) {
        let stored = courier(one).parcel_sent(sent("p-1", step)).id("same").await.expect("stored");
        assert_eq!((stored.sequence, stored.duplicate), (Some(1), false), "nobody knew the id");
    }
    let arrived = parcels::ParcelArrived { parcel_id: "p-2".into(), depot: "berlin".into() };
    courier(&test).parcel_arrived(arrived).await.expect("a subject with a parameter");

    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(production.run(tracking::Journey::subscriber(tracker)));
    let seen = next(&mut sightings).await;
    assert_eq!((seen.step, seen.id.as_str(), seen.sequence), (2, "same", 1));
    production.idle(JOURNEY).await.expect("idle");
    assert_eq!(run.stop().await.handled, 1);
    assert_eq!((pending(&bus).await, pending(&test).await), (1, 2));

    let (tracker, mut sightings) = Tracker::content();
    let replayed = test.replay(JOURNEY).to(tracking::Journey::subscriber(tracker)).await;
    assert_eq!(replayed.expect("replayed").events, 2);
    assert_eq!(next(&mut sightings).await.step, 3);
    assert_eq!(next(&mut sightings).await.what, "arrived");
}

async fn a_dead_letter_is_found_and_redriven_under_its_prefix_alone(bus: Tidings) {
    let [production, test] = two(&bus).await;
    let (tracker, mut sightings) = Tracker::new(async |_| Err(Reject::because("no"))?);
    let failing = Running::start(production.run(tracking::Journey::subscriber(tracker)));
    courier(&production).parcel_sent(sent("p-1", 7)).await.expect("stored");
    next(&mut sightings).await;
    let held = async |bus: &Tidings| bus.dead_letters_held(JOURNEY).await.expect("a stream");
    until("it is dead", async || held(&production).await == 1).await;
    assert_eq!((held(&bus).await, held(&test).await), (0, 0));
    assert_eq!(failing.stop().await.dead_lettered, 1);

    let letters = || production.dead_letters(&CATALOG);
    let letter = letters().next().await.expect("readable").expect("one");
    assert_eq!(letter.source_stream, "PARCELS_EVENTS");
    assert_eq!(letter.source_subject, "parcels.parcel.sent");
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(production.run(tracking::Journey::subscriber(tracker)));
    assert_eq!(letters().redrive().await.expect("redriven").count, 1);
    assert_eq!(next(&mut sightings).await.step, 7);
    production.idle(JOURNEY).await.expect("idle");
    assert_eq!(run.stop().await.handled, 1);
}

async fn a_payload_that_lies_apart_is_found_under_its_prefix_alone(bus: Tidings) {
    let [production, test] = two(&bus).await;
    let photo =
        photos::PhotoTaken { photo_id: "f-1".into(), pixels: "#".repeat(3 << 20), turned: 90 };
    courier(&production).photo_taken(photo.clone()).await.expect("stored");
    let (shelf, mut seen) = shelf(false);
    let run = Running::start(production.run(tracking::Photos::subscriber(shelf)));
    assert_eq!(next(&mut seen).await.pixels.len(), photo.pixels.len());
    run.stop().await;
    let put_aside = async |bus: &Tidings| {
        let bucket = bus.objects("PHOTOS_EVENTS_payloads").expect("a name");
        !bucket.list().await.expect("readable").is_empty()
    };
    assert_eq!((put_aside(&production).await, put_aside(&test).await), (true, false));
}

async fn a_scheduled_event_comes_under_its_prefix_alone(bus: Tidings) {
    let [production, test] = two(&bus).await;
    let publisher = courier(&production);
    let time = Timestamp::now() + Duration::from_secs(2);
    let scheduled = publisher.parcel_sent(sent("p-1", 7)).publish_at(time).await;
    if too_old(&scheduled) {
        return;
    }
    let id = scheduled.expect("scheduled").id;
    let known = courier(&test).cancel::<parcels::ParcelSent>(&id).await.expect("an answer");
    assert!(!known, "nobody has scheduled it there");
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(production.run(tracking::Journey::subscriber(tracker)));
    assert_eq!(next(&mut sightings).await.id, id);
    run.stop().await;
    assert_eq!((pending(&bus).await, pending(&test).await), (0, 0));
    let later = Timestamp::now() + Duration::from_secs(3600);
    let scheduled = publisher.parcel_sent(sent("p-1", 8)).publish_at(later).await;
    let id = scheduled.expect("scheduled").id;
    assert!(publisher.cancel::<parcels::ParcelSent>(&id).await.expect("taken back"));
}

async fn an_aggregate_is_another_one_under_another_prefix(bus: Tidings) {
    let [production, test] = two(&bus).await;
    if nobody_can_append(&production).await {
        return;
    }
    for (one, holder) in [(&production, "Ada"), (&test, "Bob")] {
        let cards = cards(one);
        let mut card = cards.load("c-1").await.expect("readable");
        cards.append(&mut card, [issued("c-1", holder)]).await.expect("nobody was before");
        let card = cards.load("c-1").await.expect("readable");
        assert_eq!((card.holder.as_deref(), card.applied), (Some(holder), 1));
    }
}

async fn buckets_are_others_under_another_prefix(bus: Tidings) {
    let [production, test] = two(&bus).await;
    for (one, value) in [(&bus, "a"), (&production, "b"), (&test, "c")] {
        let bucket = one.ensure_bucket(&BucketConfig::new("marks")).await.expect("a bucket");
        assert_eq!(bucket.create("key", value).await.expect("nobody was before"), 1);
        let objects = one.ensure_objects(&ObjectsConfig::new("scans")).await.expect("a bucket");
        objects.put("page", value).await.expect("put");
    }
    for (one, value) in [(&bus, "a"), (&production, "b"), (&test, "c")] {
        let entry = one.bucket("marks").expect("a name").get("key").await.expect("readable");
        assert_eq!(entry.expect("a value").value, value);
        let page = one.objects("scans").expect("a name").get("page", 9).await.expect("readable");
        assert_eq!(page.expect("an object"), value);
    }
}

async fn what_is_missing_under_a_prefix_is_said_by_its_name_there(bus: Tidings) {
    let staging = under(&bus, "nobody");
    let error = staging.lag(JOURNEY).await.expect_err("nobody has created it");
    let missing = "NOBODY_PARCELS_EVENTS";
    assert!(
        matches!(&error, BrokerError::StreamMissing(stream) if stream == missing)
            || matches!(&error, BrokerError::ConsumerMissing { stream, .. } if stream == missing),
        "{error:?}"
    );
}

//! Stored events, read again.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidings::{
    Event as _, Publisher, Reason, Reject, ReplayError, Subscription as _, Tidings, Timestamp,
};
use tokio::time::Instant;

use super::on_both_brokers;
use crate::fixture::catalog::parcels::{self, ParcelSent};
use crate::fixture::catalog::{CATALOG, courier, tracking};
use crate::fixture::{Seen, Sightings, Tracker, courier, next, sent, until};

on_both_brokers!(
    a_replay_brings_every_event_in_order_and_no_subscription_notices,
    only_what_is_chosen_is_replayed,
    old_events_are_replayed_in_the_version_that_the_handler_takes,
    a_handler_knows_a_replay_and_publishes_nothing_in_it,
    a_failing_event_ends_a_replay_or_is_told_of,
    a_replay_goes_on_from_its_checkpoint,
    a_checkpoint_that_does_not_fit_is_an_error,
    a_replay_has_a_fixed_end_unless_it_follows,
    a_replay_can_be_slow,
    what_was_written_to_a_file_can_be_replayed,
    a_file_is_continued_where_its_checkpoint_says,
    a_stream_that_is_missing_is_an_error,
    a_slow_replay_tells_of_each_event,
);

const JOURNEY: &tidings::catalog::SubscriptionSpec = tracking::journey::Subscription::SPEC;

async fn publish(bus: &Tidings, steps: std::ops::Range<u64>) {
    for step in steps {
        courier(bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
}

/// What a handler has seen so far.
fn steps(sightings: &mut Sightings) -> Vec<u64> {
    std::iter::from_fn(|| sightings.try_recv().ok()).map(|seen| seen.step).collect()
}

async fn a_replay_brings_every_event_in_order_and_no_subscription_notices(bus: Tidings) {
    publish(&bus, 0..700).await;
    let (tracker, mut sightings) = Tracker::content();
    let subscriber = tracking::Journey::subscriber(tracker);
    let reports = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&reports);
    let replayed = bus
        .replay(JOURNEY)
        .on_progress(move |progress| told.lock().expect("no panic").push(*progress))
        .to(subscriber)
        .await
        .expect("replayed");
    assert_eq!((replayed.events, replayed.failed, replayed.sequence), (700, 0, 700));
    assert!(steps(&mut sightings).into_iter().eq(0..700));
    // A server's consumer hears of new events a little after their publisher.
    until("all are left for the subscription", async || {
        let lag = bus.lag(JOURNEY).await.expect("a consumer");
        (lag.pending, lag.unsettled) == (700, 0)
    })
    .await;
    let reports = reports.lock().expect("no panic");
    assert!(reports.is_sorted_by_key(|progress| progress.sequence));
    let last = reports.last().expect("some");
    assert_eq!((last.sequence, last.end, last.replayed), (700, Some(700), replayed));
}

async fn only_what_is_chosen_is_replayed(bus: Tidings) {
    let arrived = |depot: &str| parcels::ParcelArrived {
        parcel_id: "p-1".to_owned(),
        depot: depot.to_owned(),
    };
    let acme = courier(&bus);
    let other = courier::Publisher::new(&bus).organization("umbrella");
    acme.parcel_sent(sent("p-1", 1)).await.expect("stored");
    other.parcel_sent(sent("p-2", 2)).await.expect("stored");
    acme.parcel_arrived(arrived("berlin")).await.expect("stored");
    other.parcel_arrived(arrived("paris")).await.expect("stored");
    acme.parcel_sent(sent("p-2", 5)).await.expect("stored");

    let stream = CATALOG.stream("PARCELS_EVENTS").expect("in the catalog");
    let all = || bus.replay(JOURNEY);
    let cases = [
        ("all", all(), vec![1, 2, 3, 4, 5]),
        ("a whole stream", bus.replay(stream), vec![1, 2, 3, 4, 5]),
        ("an event", bus.replay(ParcelSent::SPEC), vec![1, 2, 5]),
        ("a type", all().event_type("parcels.parcel.arrived"), vec![3, 4]),
        ("a subject", all().subject("parcels.berlin.>"), vec![3]),
        ("a subject of an event", bus.replay(ParcelSent::SPEC).subject("parcels.>"), vec![1, 2, 5]),
        ("an organization", all().organization("umbrella"), vec![2, 4]),
        ("a key", all().key("p-2"), vec![2, 5]),
        ("from a sequence", all().from_sequence(4), vec![4, 5]),
        ("to a sequence", all().to_sequence(2), vec![1, 2]),
        ("both", all().from_sequence(2).to_sequence(4).organization("acme"), vec![3]),
        ("behind the end", all().from_sequence(100), vec![]),
        ("later than all", all().since(Timestamp::now() + Duration::from_secs(3600)), vec![]),
        ("earlier than all", all().before(Timestamp::UNIX_EPOCH), vec![]),
        ("since long ago", all().since(Timestamp::UNIX_EPOCH), vec![1, 2, 3, 4, 5]),
    ];
    for (what, replay, expected) in cases {
        let (tracker, mut sightings) = Tracker::content();
        let replayed = replay.to(tracking::Journey::subscriber(tracker)).await.expect("replayed");
        let seen: Vec<u64> =
            std::iter::from_fn(|| sightings.try_recv().ok()).map(|seen| seen.sequence).collect();
        assert_eq!(seen, expected, "{what}");
        assert_eq!(replayed.events, expected.len() as u64, "{what}");
    }
    let wrong = all().subject("parcels..x").to(tracking::Journey::subscriber(Tracker::content().0));
    assert!(matches!(wrong.await, Err(ReplayError::Subject { .. })));
    let elsewhere = bus.replay(ParcelSent::SPEC).subject("parcels.berlin.>");
    let elsewhere = elsewhere.to(tracking::Journey::subscriber(Tracker::content().0)).await;
    let Err(error @ ReplayError::Elsewhere { .. }) = elsewhere else { panic!("{elsewhere:?}") };
    assert!(error.to_string().contains("parcels.parcel.sent"), "{error}");
}

#[derive(Clone)]
struct Scale(Arc<Mutex<Vec<parcels::v2::ParcelMeasured>>>);

impl tracking::SecondWeights for Scale {
    async fn parcel_measured(
        &self,
        event: parcels::v2::ParcelMeasured,
        _: &tracking::Context,
    ) -> tidings::Handled {
        self.0.lock().expect("no panic").push(event);
        Ok(())
    }
}

async fn old_events_are_replayed_in_the_version_that_the_handler_takes(bus: Tidings) {
    let old = parcels::v1::ParcelMeasured::SPEC.examples[0];
    let old: parcels::v1::ParcelMeasured = serde_json::from_str(old).expect("an example");
    let new = parcels::v2::ParcelMeasured::SPEC.examples[0];
    let new: parcels::v2::ParcelMeasured = serde_json::from_str(new).expect("an example");
    courier(&bus).parcel_measured_v1(old).await.expect("stored");
    // Published in version 1 too, which is the same fact.
    courier(&bus).parcel_measured_v2(new).await.expect("stored");
    let seen = Scale(Arc::default());
    let subscriber = tracking::SecondWeights::subscriber(seen.clone());
    let subscription = tracking::second_weights::Subscription::SPEC;
    let replayed = bus.replay(subscription).to(subscriber).await.expect("replayed");
    assert_eq!((replayed.events, replayed.passed_over), (2, 1));
    let weights: Vec<f64> =
        seen.0.lock().expect("no panic").iter().map(|event| event.kilograms).collect();
    assert_eq!(weights, [1.5, 1.5]);
}

struct Resender(bool);

impl tracking::Patient for Resender {
    async fn parcel_sent(&self, event: ParcelSent, cx: &tracking::Context) -> tidings::Handled {
        assert!(cx.is_replay());
        if self.0 || !cx.is_replay() {
            cx.publish(parcels::ParcelLost { parcel_id: event.parcel_id }).await?;
        }
        Ok(())
    }
}

async fn a_handler_knows_a_replay_and_publishes_nothing_in_it(bus: Tidings) {
    publish(&bus, 0..1).await;
    let spec = tracking::patient::Subscription::SPEC;
    let careful = bus.replay(spec).to(tracking::Patient::subscriber(Resender(false))).await;
    assert_eq!(careful.expect("replayed").events, 1);
    let careless = bus.replay(spec).to(tracking::Patient::subscriber(Resender(true))).await;
    let Err(ReplayError::Failed { failure, .. }) = careless else {
        panic!("it published: {careless:?}");
    };
    assert!(failure.to_string().contains("parcels.parcel.lost"), "{failure}");
    let stream = CATALOG.stream("PARCELS_EVENTS").expect("in the catalog");
    let (tracker, _) = Tracker::content();
    let all = bus.replay(stream).to(tracking::Journey::subscriber(tracker)).await;
    assert_eq!(all.expect("replayed").sequence, 1, "nothing was added");
}

async fn a_failing_event_ends_a_replay_or_is_told_of(bus: Tidings) {
    publish(&bus, 0..6).await;
    let failing = || {
        Tracker::new(async |seen: Seen| match seen.step {
            2 => Err(Reject::because("not again"))?,
            4 => panic!("out of ideas"),
            _ => Ok(()),
        })
    };
    let (tracker, mut sightings) = failing();
    let stopped = bus.replay(JOURNEY).to(tracking::Journey::subscriber(tracker)).await;
    let Err(ReplayError::Failed { failure, replayed }) = stopped else {
        panic!("it went on: {stopped:?}");
    };
    assert_eq!((failure.sequence, failure.reason), (3, Reason::Rejected));
    assert_eq!(failure.event_type.as_deref(), Some("parcels.parcel.sent"));
    assert_eq!((replayed.events, replayed.sequence), (2, 2));
    assert_eq!(steps(&mut sightings), [0, 1, 2]);

    let (tracker, mut sightings) = failing();
    let failures = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&failures);
    let replayed = bus
        .replay(JOURNEY)
        .skip_failures(move |failure| {
            told.lock().expect("no panic").push((failure.sequence, failure.reason));
        })
        .to(tracking::Journey::subscriber(tracker))
        .await
        .expect("replayed");
    assert_eq!((replayed.events, replayed.failed, replayed.sequence), (4, 2, 6));
    assert_eq!(steps(&mut sightings), [0, 1, 2, 3, 4, 5]);
    let failures = failures.lock().expect("no panic");
    assert_eq!(*failures, [(3, Reason::Rejected), (5, Reason::Panicked)]);
}

async fn a_replay_goes_on_from_its_checkpoint(bus: Tidings) {
    publish(&bus, 0..10).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journey.checkpoint");
    let (failing, mut sightings) = Tracker::new(async |seen: Seen| match seen.step {
        4 => Err(std::io::Error::other("the disk is full"))?,
        _ => Ok(()),
    });
    let replay = bus.replay(JOURNEY).checkpoint(&path);
    replay.to(tracking::Journey::subscriber(failing)).await.expect_err("it fails");
    assert_eq!(steps(&mut sightings), [0, 1, 2, 3, 4]);

    let (mended, mut sightings) = Tracker::content();
    let mended = tracking::Journey::subscriber(mended);
    let replay = bus.replay(JOURNEY).checkpoint(&path);
    assert_eq!(replay.to(mended.clone()).await.expect("replayed").events, 6);
    assert_eq!(steps(&mut sightings), [4, 5, 6, 7, 8, 9], "what failed, and what came after it");

    publish(&bus, 10..12).await;
    let replay = bus.replay(JOURNEY).checkpoint(&path);
    assert_eq!(replay.to(mended.clone()).await.expect("replayed").events, 2);
    let replay = bus.replay(JOURNEY).checkpoint(&path);
    assert_eq!(replay.to(mended.clone()).await.expect("replayed").events, 0);
    let elsewhere = CATALOG.stream(CATALOG.dead_letters.stream).expect("in the catalog");
    let wrong = bus.replay(elsewhere).checkpoint(&path).to(mended).await;
    assert!(matches!(wrong, Err(ReplayError::Checkpoint { .. })), "{wrong:?}");
}

async fn a_checkpoint_that_does_not_fit_is_an_error(bus: Tidings) {
    publish(&bus, 0..3).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journey.checkpoint");
    let (tracker, mut sightings) = Tracker::content();
    let subscriber = tracking::Journey::subscriber(tracker);
    let replay = || bus.replay(JOURNEY).checkpoint(&path).to(subscriber.clone());
    replay().await.expect("replayed");
    steps(&mut sightings);
    let written = std::fs::read_to_string(&path).expect("a checkpoint");
    let written: serde_json::Value = serde_json::from_str(&written).expect("JSON");
    for (member, value, words) in [
        ("sequence", serde_json::json!(1000), "lost messages"),
        ("created", serde_json::json!("2020-01-15T10:00:00Z"), "created anew"),
    ] {
        let mut other = written.clone();
        other[member] = value;
        std::fs::write(&path, other.to_string()).expect("written");
        let error = replay().await.expect_err("it does not fit");
        let ReplayError::Checkpoint { reason, .. } = error else { panic!("{error:?}") };
        assert!(reason.contains(words), "{reason}");
    }
    assert_eq!(steps(&mut sightings), [0_u64; 0]);

    let file = folder.path().join("parcels.jsonl");
    bus.replay(JOURNEY).to_file(&file).await.expect("written");
    let mut other = written;
    other["source"] = file.display().to_string().into();
    other["sequence"] = 4.into();
    std::fs::write(&path, other.to_string()).expect("written");
    let from_file = bus.replay(file.as_path()).checkpoint(&path).to(subscriber.clone()).await;
    assert!(matches!(from_file, Err(ReplayError::File { .. })), "three lines: {from_file:?}");
}

async fn a_replay_has_a_fixed_end_unless_it_follows(bus: Tidings) {
    publish(&bus, 0..3).await;
    // Each event leads to another one: without a fixed end, there would be none.
    let echo = bus.clone();
    let (tracker, mut sightings) = Tracker::new(move |seen: Seen| {
        let echo = echo.clone();
        async move {
            courier(&echo).parcel_sent(sent("p-1", seen.step + 3)).await?;
            Ok(())
        }
    });
    let replayed = bus.replay(JOURNEY).to(tracking::Journey::subscriber(tracker)).await;
    assert_eq!(replayed.expect("replayed").events, 3);
    assert_eq!(steps(&mut sightings), [0, 1, 2]);

    let (tracker, mut sightings) = Tracker::content();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let following = bus.replay(JOURNEY).follow().until(ended);
    let following = tokio::spawn(following.to(tracking::Journey::subscriber(tracker)));
    for step in 0..6 {
        assert_eq!(next(&mut sightings).await.step, step);
    }
    for step in 6..10 {
        publish(&bus, step..step + 1).await;
        assert_eq!(next(&mut sightings).await.step, step);
    }
    drop(end);
    let replayed = following.await.expect("no panic").expect("it ends well");
    assert_eq!((replayed.events, replayed.sequence), (10, 10));
}

async fn a_replay_can_be_slow(bus: Tidings) {
    publish(&bus, 0..5).await;
    let (tracker, _sightings) = Tracker::content();
    let pace = NonZeroU32::new(20).expect("not zero");
    let begun = Instant::now();
    let replay = bus.replay(JOURNEY).per_second(pace);
    let replayed = replay.to(tracking::Journey::subscriber(tracker)).await.expect("replayed");
    assert_eq!(replayed.events, 5);
    assert!(begun.elapsed() >= Duration::from_millis(190), "four pauses of 50 ms between five");
}

async fn what_was_written_to_a_file_can_be_replayed(bus: Tidings) {
    publish(&bus, 0..3).await;
    let binary = Publisher::<courier::Service>::new(&bus).organization("acme");
    let binary = courier::Publisher::from(binary.content_mode(tidings::ContentMode::Binary));
    binary.parcel_sent(sent("p \"2\"", 3)).await.expect("stored");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("parcels.jsonl");
    let replayed = bus.replay(JOURNEY).to_file(&path).await.expect("written");
    assert_eq!(replayed.events, 4);
    let again = bus.replay(JOURNEY).to_file(&path).await;
    assert!(matches!(again, Err(ReplayError::File { .. })), "nothing is written over");

    let text = std::fs::read_to_string(&path).expect("the file");
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 4);
    for (line, step) in lines.iter().zip(0..) {
        assert_eq!((&line["specversion"], &line["data"]["step"]), (&"1.0".into(), &step.into()));
        assert_eq!(line["natssequence"], (step + 1).to_string());
        assert_eq!(line["natsstream"], "PARCELS_EVENTS");
        assert_eq!(line["natssubject"], "parcels.parcel.sent");
    }

    let from_stream = seen_in(bus.replay(JOURNEY)).await;
    let from_file = seen_in(bus.replay(path.as_path())).await;
    assert_eq!(from_file, from_stream);
    assert_eq!(seen_in(bus.replay(path.as_path()).key("p \"2\"")).await.len(), 1);
    assert_eq!(seen_in(bus.replay(path.as_path()).from_sequence(2).to_sequence(3)).await.len(), 2);
    assert_eq!(seen_in(bus.replay(path.as_path()).subject("parcels.berlin.>")).await, []);
}

/// What a replay brings, apart from when it does.
async fn seen_in(replay: tidings::Replay) -> Vec<(String, String, u64, u64)> {
    let (tracker, mut sightings) = Tracker::content();
    replay.to(tracking::Journey::subscriber(tracker)).await.expect("replayed");
    let all = std::iter::from_fn(|| sightings.try_recv().ok());
    all.map(|seen| (seen.id, seen.parcel, seen.step, seen.sequence)).collect()
}

async fn a_file_is_continued_where_its_checkpoint_says(bus: Tidings) {
    publish(&bus, 0..3).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (path, checkpoint) = (folder.path().join("all"), folder.path().join("checkpoint"));
    let write = || bus.replay(JOURNEY).checkpoint(&checkpoint).to_file(&path);
    assert_eq!(write().await.expect("written").events, 3);
    // As if the process had died after a line and before the checkpoint.
    let mut text = std::fs::read(&path).expect("the file");
    text.extend(b"{\"specversion\":\"1.0\",\"id\":\"half a li");
    std::fs::write(&path, text).expect("written");
    publish(&bus, 3..5).await;
    assert_eq!(write().await.expect("written").events, 2);
    let steps: Vec<u64> =
        seen_in(bus.replay(path.as_path())).await.iter().map(|seen| seen.2).collect();
    assert_eq!(steps, [0, 1, 2, 3, 4]);
}

async fn a_stream_that_is_missing_is_an_error(bus: Tidings) {
    static ELSEWHERE: tidings::catalog::StreamSpec = tidings::catalog::StreamSpec {
        name: "ELSEWHERE",
        subjects: &["elsewhere.>"],
        ownership: tidings::catalog::Ownership::Managed,
        bulk: false,
        limits: tidings::catalog::StreamLimits {
            storage: tidings::catalog::Storage::Memory,
            max_age: None,
            max_bytes: None,
            replicas: 1,
            duplicate_window: Duration::from_secs(60),
        },
        environments: &[],
    };
    let (tracker, _) = Tracker::content();
    let missing = bus.replay(&ELSEWHERE).to(tracking::Journey::subscriber(tracker)).await;
    let Err(ReplayError::Broker(error)) = missing else { panic!("it is there: {missing:?}") };
    assert!(error.to_string().contains("ELSEWHERE"), "{error}");
}

async fn a_slow_replay_tells_of_each_event(bus: Tidings) {
    for step in 0..4 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (file, checkpoint) = (folder.path().join("events"), folder.path().join("checkpoint"));
    let reports = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&reports);
    let replay = bus.replay(JOURNEY).per_second(NonZeroU32::new(4).expect("not zero"));
    let replay = replay.checkpoint(&checkpoint).on_progress(move |progress| {
        told.lock().expect("no panic").push((progress.sequence, progress.end));
    });
    replay.to_file(&file).await.expect("replayed");
    let reports = reports.lock().expect("no panic");
    // All came at once, and it said so before each of them and at the end.
    assert_eq!(*reports, [0, 1, 2, 3, 4].map(|sequence| (sequence, Some(4))));
}

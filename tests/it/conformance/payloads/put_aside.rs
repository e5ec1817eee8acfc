use std::time::Duration;

use serde_json::Value;
use tidings::objects::{ObjectInfo, Objects};
use tidings::{ContentMode, DeadLetter, Outcome, PublishError, Reason, Subscription as _, Tidings};

use super::dead_letters::only_letter;
use super::{noise, on_both_brokers, publisher, shelf, too_old};
use crate::fixture::catalog::{CATALOG, papers, photos, tracking};
use crate::fixture::{Running, courier, next, until};

on_both_brokers!(
    a_payload_above_the_threshold_lies_beside_its_message,
    only_what_is_larger_than_the_threshold_is_put_aside,
    what_the_server_would_refuse_is_put_aside_unless_it_can_be_compressed,
    whichever_way_an_event_is_published_its_payload_is_put_aside,
    events_that_are_stored_all_or_not_at_all_have_their_payloads_beside_them,
    a_scheduled_event_keeps_its_payload_unless_it_is_taken_back,
    what_takes_the_place_of_a_scheduled_event_leaves_no_payload_of_it,
    what_is_not_stored_leaves_no_payload_behind,
    what_was_put_aside_is_replayed_to_a_handler_and_to_a_file,
    a_dead_letter_is_redriven_with_its_payload,
    an_event_whose_payload_is_gone_is_a_dead_letter_until_it_is_back,
    a_payload_that_is_another_is_noticed,
    a_version_that_is_not_handled_is_not_fetched,
);

const SPEC: &tidings::catalog::SubscriptionSpec = tracking::photos::Subscription::SPEC;
const LARGEST: u64 = 1 << 30;

fn bucket(bus: &Tidings) -> Objects {
    bus.objects("PHOTOS_EVENTS_payloads").expect("a name")
}

/// The objects that there are, beside those of copies in older versions.
async fn objects(bus: &Tidings) -> Vec<ObjectInfo> {
    bucket(bus).list().await.expect("readable")
}

fn photo(bytes: usize) -> photos::PhotoTaken {
    photos::PhotoTaken { photo_id: "f-1".to_owned(), pixels: noise(bytes), turned: 90 }
}

/// Whether an event that was seen is the one that was published; not shown, as it is large.
fn assert_is(seen: &photos::PhotoTaken, published: &photos::PhotoTaken) {
    assert!(seen == published, "another photograph came: {} bytes", seen.pixels.len());
}

/// The attributes of a dead letter's event, which is stored as it was sent.
fn attributes(letter: &DeadLetter, mode: ContentMode) -> Vec<Option<String>> {
    let body: Value = serde_json::from_slice(letter.raw_payload()).unwrap_or_default();
    assert!(body.get("data").is_none(), "the payload is elsewhere");
    let attribute = |name: &str| match mode {
        ContentMode::Structured => body[name].as_str().map(str::to_owned),
        ContentMode::Binary => letter.headers.get(&format!("ce-{name}")).map(str::to_owned),
    };
    ["dataref", "datasize", "datadigest"].into_iter().map(attribute).collect()
}

async fn a_payload_above_the_threshold_lies_beside_its_message(bus: Tidings) {
    for mode in [ContentMode::Structured, ContentMode::Binary] {
        let taken = photo(300_000);
        let (failing, mut sightings) = shelf(true);
        let run = Running::start(bus.run(tracking::Photos::subscriber(failing)));
        let published = publisher(&bus, mode).photo_taken(taken.clone()).await.expect("stored");
        assert_is(&next(&mut sightings).await, &taken);
        let letter = only_letter(&bus).await;
        run.stop().await;
        assert!(
            letter.raw_payload().len() < 1000,
            "{mode:?}: {} bytes",
            letter.raw_payload().len()
        );
        let named = format!("{}.", published.id);
        let all = objects(&bus).await;
        let own = all.iter().find(|object| object.name.starts_with(&named)).expect("its payload");
        let place = format!("nats-object:PHOTOS_EVENTS_payloads/{}", own.name);
        let expected = [Some(place), Some(own.size.to_string()), own.digest.clone()];
        assert_eq!(attributes(&letter, mode), expected, "{mode:?}");
        let payload = bucket(&bus).get(&own.name, LARGEST).await.expect("readable");
        let payload: photos::PhotoTaken =
            serde_json::from_slice(&payload.expect("it is there")).expect("the payload alone");
        assert_is(&payload, &taken);
        let shown = bus.dead_letters(&CATALOG).payload(&letter).await.expect("fetched");
        assert_is(&serde_json::from_str(&shown).expect("the payload"), &taken);
        bus.dead_letters(&CATALOG).purge().await.expect("purged");
    }
}

async fn only_what_is_larger_than_the_threshold_is_put_aside(bus: Tidings) {
    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Photos::subscriber(shelf)));
    // In binary mode the body is the payload, so that its size is known.
    let publisher = publisher(&bus, ContentMode::Binary);
    let around = serde_json::to_vec(&photo(0)).expect("JSON").len();
    for (bytes, put) in [(65_535, 0), (65_536, 0), (65_537, 1)] {
        let taken = photo(bytes - around);
        let published = publisher.photo_taken(taken.clone()).await.expect("stored");
        assert_is(&next(&mut sightings).await, &taken);
        let named = format!("{}.", published.id);
        let objects = objects(&bus).await;
        let own = objects.iter().filter(|object| object.name.starts_with(&named));
        assert_eq!(own.count(), put, "{bytes}");
    }
    run.stop().await;
}

async fn what_the_server_would_refuse_is_put_aside_unless_it_can_be_compressed(bus: Tidings) {
    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Papers::subscriber(shelf)));
    let papers_bucket = bus.objects("PAPERS_EVENTS_payloads").expect("a name");
    let long = papers::PaperFiled { text: noise(3 << 20), ..super::paper(0, 2) };
    for (filed, put) in [(super::paper(3 << 20, 1), 0), (long, 1)] {
        courier(&bus).paper_filed(filed.clone()).await.expect("stored");
        let seen = next(&mut sightings).await;
        assert!(seen == filed, "another paper came: {}", seen.step);
        let objects = papers_bucket.list().await.expect("readable");
        assert_eq!(objects.len(), put, "{}", filed.step);
        if let [object] = objects.as_slice() {
            // As other clients read it: not compressed.
            assert!(object.size > 3 << 20, "{object:?}");
        }
    }
    assert_eq!(run.stop().await.handled, 2);
}

async fn whichever_way_an_event_is_published_its_payload_is_put_aside(bus: Tidings) {
    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Photos::subscriber(shelf)));
    let publisher = courier(&bus);
    let receipt = publisher.photo_taken(photo(100_001)).enqueue().await.expect("sent");
    publisher.photo_taken(photo(100_002)).in_background().expect("taken in");
    receipt.await.expect("stored");
    bus.flush().await;
    assert_eq!(bus.background_counts().published, 1);
    let mut seen = [next(&mut sightings).await, next(&mut sightings).await];
    seen.sort_by_key(|photo| photo.pixels.len());
    assert_is(&seen[0], &photo(100_001));
    assert_is(&seen[1], &photo(100_002));
    // Each with its copy in version 1.
    assert_eq!(objects(&bus).await.len(), 4);
    run.stop().await;
}

async fn events_that_are_stored_all_or_not_at_all_have_their_payloads_beside_them(bus: Tidings) {
    let publisher = courier(&bus);
    let together = || {
        [100_001, 10, 2_000_000].into_iter().enumerate().map(|(index, bytes)| {
            publisher.photo_taken(photo(bytes)).id(format!("together {index}"))
        })
    };
    let first = together().fold(publisher.atomically(), tidings::Atomic::add).await;
    if too_old(&first) {
        return;
    }
    assert_eq!(first.expect("stored").len(), 3);
    assert_eq!(objects(&bus).await.len(), 4, "two of three, with their copies");
    let again = together().fold(publisher.atomically(), tidings::Atomic::add).await;
    assert!(again.expect("stored before").iter().all(|published| published.duplicate));
    assert_eq!(objects(&bus).await.len(), 4, "those of the second time are gone");
    let late = publisher
        .atomically()
        .add(publisher.photo_taken(photo(100_003)).expect_last_sequence(1))
        .await;
    assert!(matches!(late, Err(PublishError::Conflict { .. })), "{late:?}");
    assert_eq!(objects(&bus).await.len(), 4, "nothing of a conflict stays");

    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Photos::subscriber(shelf)));
    let mut sizes = Vec::new();
    for _ in 0..3 {
        sizes.push(next(&mut sightings).await.pixels.len());
    }
    sizes.sort_unstable();
    assert_eq!(sizes, [10, 100_001, 2_000_000]);
    run.stop().await;
}

async fn what_takes_the_place_of_a_scheduled_event_leaves_no_payload_of_it(bus: Tidings) {
    let publisher = courier(&bus);
    let at = |seconds| tidings::Timestamp::now() + Duration::from_secs(seconds);
    for (bytes, hours) in [(100_001, 1), (100_002, 2), (100_003, 1)] {
        let scheduled =
            publisher.photo_taken(photo(bytes)).id("f-1").publish_at(at(hours * 3600)).await;
        if too_old(&scheduled) {
            return;
        }
        scheduled.expect("scheduled");
        let all = objects(&bus).await;
        assert_eq!(all.len(), 2, "one of each version: {all:?}");
        assert!(all.iter().all(|object| object.size > bytes as u64), "of the last one: {all:?}");
    }
    // A time that is near may have come by now: its payload is rather kept.
    publisher.photo_taken(photo(100_004)).id("f-2").publish_at(at(1)).await.expect("scheduled");
    publisher.photo_taken(photo(100_005)).id("f-2").publish_at(at(2)).await.expect("scheduled");
    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Photos::subscriber(shelf)));
    assert_is(&next(&mut sightings).await, &photo(100_005));
    assert_eq!(run.stop().await.dead_lettered, 0);
}

async fn a_scheduled_event_keeps_its_payload_unless_it_is_taken_back(bus: Tidings) {
    let publisher = courier(&bus);
    let at = |seconds| tidings::Timestamp::now() + Duration::from_secs(seconds);
    let never = publisher.photo_taken(photo(100_001)).publish_at(at(3600)).await;
    if too_old(&never) {
        return;
    }
    assert_eq!(objects(&bus).await.len(), 2, "one of each version");
    let id = never.expect("scheduled").id;
    assert!(publisher.cancel::<photos::PhotoTaken>(&id).await.expect("taken back"));
    assert_eq!(objects(&bus).await, [], "nobody needs them");

    publisher.photo_taken(photo(100_002)).publish_at(at(1)).await.expect("scheduled");
    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Photos::subscriber(shelf)));
    assert_is(&next(&mut sightings).await, &photo(100_002));
    run.stop().await;
}

async fn what_is_not_stored_leaves_no_payload_behind(bus: Tidings) {
    let publisher = courier(&bus);
    let publish = || publisher.photo_taken(photo(100_000)).id("same");
    assert_eq!(publish().await.expect("stored").outcome(), Outcome::Stored);
    let stored = objects(&bus).await;
    assert_eq!(stored.len(), 2, "one of each version");
    assert_eq!(publish().await.expect("stored before").outcome(), Outcome::Duplicate);
    assert_eq!(objects(&bus).await, stored, "the message that is stored keeps its own");
    let receipt = publish().enqueue().await.expect("sent").await;
    assert_eq!(receipt.expect("stored before").outcome(), Outcome::Duplicate);
    assert_eq!(objects(&bus).await, stored);
    let late = publisher.photo_taken(photo(100_000)).id("other").expect_last_sequence(1).await;
    assert_eq!(late.expect_err("a conflict").outcome(), Outcome::Conflict);
    // Servers differ in which of the two it is.
    let late = publish().expect_last_sequence(7).await;
    let outcome = late.map_or_else(|error| error.outcome(), |published| published.outcome());
    assert!(matches!(outcome, Outcome::Conflict | Outcome::Duplicate), "{outcome}");
    assert_eq!(objects(&bus).await, stored, "not even where the id is that of what is stored");

    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Photos::subscriber(shelf)));
    assert_is(&next(&mut sightings).await, &photo(100_000));
    run.stop().await;
}

async fn what_was_put_aside_is_replayed_to_a_handler_and_to_a_file(bus: Tidings) {
    courier(&bus).photo_taken(photo(100_000)).await.expect("stored");
    let (first, mut sightings) = shelf(false);
    let replayed = bus.replay(SPEC).to(tracking::Photos::subscriber(first)).await;
    let replayed = replayed.expect("replayed");
    assert_eq!((replayed.events, replayed.passed_over), (1, 1), "one of two versions");
    assert_is(&next(&mut sightings).await, &photo(100_000));

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("photos.jsonl");
    assert_eq!(bus.replay(SPEC).to_file(&file).await.expect("written").events, 2);
    let text = std::fs::read_to_string(&file).expect("text");
    assert!(text.lines().all(|line| !line.contains("dataref")), "a file holds all of it");
    for object in objects(&bus).await {
        bucket(&bus).delete(&object.name).await.expect("deleted");
    }
    let (second, mut sightings) = shelf(false);
    let replayed = bus.replay(file).to(tracking::Photos::subscriber(second)).await;
    assert_eq!(replayed.expect("replayed").events, 1);
    assert_is(&next(&mut sightings).await, &photo(100_000));

    let (third, _sightings) = shelf(false);
    let failed = bus.replay(SPEC).to(tracking::Photos::subscriber(third)).await;
    let Err(tidings::ReplayError::Failed { failure, .. }) = failed else { panic!("{failed:?}") };
    assert_eq!(failure.reason, Reason::PayloadUnavailable);
}

async fn a_dead_letter_is_redriven_with_its_payload(bus: Tidings) {
    let (failing, _sightings) = shelf(true);
    let run = Running::start(bus.run(tracking::Photos::subscriber(failing)));
    courier(&bus).photo_taken(photo(100_000)).await.expect("stored");
    let letter = only_letter(&bus).await;
    run.stop().await;
    assert_eq!(letter.reason, Some(Reason::Rejected));
    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Photos::subscriber(shelf)));
    assert_eq!(bus.dead_letters(&CATALOG).redrive().await.expect("redriven").count, 1);
    assert_is(&next(&mut sightings).await, &photo(100_000));
    run.stop().await;
}

/// The object of the only event's newest version.
async fn own(bus: &Tidings, id: &str) -> String {
    let named = format!("{id}.");
    let mut all = objects(bus).await;
    all.retain(|object| object.name.starts_with(&named));
    all.remove(0).name
}

async fn an_event_whose_payload_is_gone_is_a_dead_letter_until_it_is_back(bus: Tidings) {
    let published = courier(&bus).photo_taken(photo(100_000)).await.expect("stored");
    let name = own(&bus, &published.id).await;
    let kept = bucket(&bus).get(&name, LARGEST).await.expect("readable").expect("it is there");
    bucket(&bus).delete(&name).await.expect("deleted");

    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Photos::subscriber(shelf)));
    let letter = only_letter(&bus).await;
    assert_eq!((letter.reason, letter.attempts), (Some(Reason::PayloadUnavailable), 3));
    assert!(letter.error.contains("the payload is gone"), "{}", letter.error);
    assert!(letter.error.contains(&name), "{}", letter.error);
    assert!(sightings.try_recv().is_err(), "no handler was called");
    bus.dead_letters(&CATALOG).payload(&letter).await.expect_err("it is gone");

    bucket(&bus).put(&name, kept).await.expect("put back");
    assert_eq!(bus.dead_letters(&CATALOG).redrive().await.expect("redriven").count, 1);
    assert_is(&next(&mut sightings).await, &photo(100_000));
    let report = run.stop().await;
    assert_eq!((report.handled, report.skipped, report.dead_lettered), (1, 1, 1));
}

async fn a_payload_that_is_another_is_noticed(bus: Tidings) {
    let published = courier(&bus).photo_taken(photo(100_000)).await.expect("stored");
    let name = own(&bus, &published.id).await;
    let other = serde_json::to_vec(&photo(100_001)).expect("JSON");
    bucket(&bus).put(&name, other).await.expect("put in its place");
    let (shelf, mut sightings) = shelf::<photos::PhotoTaken>(false);
    let run = Running::start(bus.run(tracking::Photos::subscriber(shelf)));
    let letter = only_letter(&bus).await;
    assert_eq!(letter.reason, Some(Reason::PayloadUnavailable));
    assert!(letter.error.contains("its digest is"), "{}", letter.error);
    assert!(sightings.try_recv().is_err(), "no handler was called");
    run.stop().await;
}

async fn a_version_that_is_not_handled_is_not_fetched(bus: Tidings) {
    let published = courier(&bus).photo_taken(photo(100_000)).await.expect("stored");
    let name = own(&bus, &published.id).await;
    for object in objects(&bus).await.into_iter().filter(|object| object.name != name) {
        bucket(&bus).delete(&object.name).await.expect("deleted");
    }
    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Photos::subscriber(shelf)));
    assert_is(&next(&mut sightings).await, &photo(100_000));
    until("both versions are settled", async || {
        let lag = bus.lag(SPEC).await.expect("a consumer");
        (lag.pending, lag.unsettled) == (0, 0)
    })
    .await;
    let report = run.stop().await;
    assert_eq!((report.handled, report.skipped, report.dead_lettered), (1, 1, 0));
}

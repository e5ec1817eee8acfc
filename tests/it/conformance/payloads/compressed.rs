use std::time::Duration;

use tidings::{ContentMode, Reason, Subscription as _, Tidings};

use super::dead_letters::only_letter;
use super::{on_both_brokers, paper, publisher, shelf, too_old};
use crate::fixture::catalog::{CATALOG, papers, tracking};
use crate::fixture::{Running, next};

on_both_brokers!(
    a_body_above_the_threshold_travels_compressed,
    a_compressed_event_is_handled_in_either_mode,
    a_compressed_event_is_stored_with_others_all_or_not_at_all,
    a_compressed_event_is_stored_at_a_later_time,
    compressed_events_are_replayed_to_a_handler_and_to_a_file,
    a_compressed_dead_letter_is_kept_as_it_was_and_can_be_redriven,
    what_is_larger_than_anybody_takes_is_not_sent,
);

/// The last dead letter's headers and body show what was stored: a dead letter is its message, byte for byte.
async fn a_body_above_the_threshold_travels_compressed(bus: Tidings) {
    for (bytes, mode, encoding) in [
        (1000, ContentMode::Structured, None),
        (100_000, ContentMode::Structured, Some("zstd")),
        (1000, ContentMode::Binary, None),
        (100_000, ContentMode::Binary, Some("zstd")),
    ] {
        let (failing, _sightings) = shelf(true);
        let run = Running::start(bus.run(tracking::Papers::subscriber(failing)));
        publisher(&bus, mode).paper_filed(paper(bytes, 0)).await.expect("stored");
        let letter = only_letter(&bus).await;
        assert_eq!(letter.headers.get("content-encoding"), encoding, "{bytes} {mode:?}");
        assert_eq!(
            letter.raw_payload().len() < bytes / 2,
            encoding.is_some(),
            "{}",
            letter.raw_payload().len()
        );
        run.stop().await;
        bus.dead_letters(&CATALOG).purge().await.expect("purged");
    }
}

async fn a_compressed_event_is_handled_in_either_mode(bus: Tidings) {
    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Papers::subscriber(shelf)));
    for (step, mode) in [(0, ContentMode::Structured), (1, ContentMode::Binary)] {
        // Larger than a message may be, had it not been compressed.
        let paper = paper(3 << 20, step);
        publisher(&bus, mode).paper_filed(paper.clone()).await.expect("stored");
        assert!(next(&mut sightings).await == paper, "{mode:?}: another paper came");
    }
    assert_eq!(run.stop().await.handled, 2);
}

async fn a_compressed_event_is_stored_with_others_all_or_not_at_all(bus: Tidings) {
    let publisher = publisher(&bus, ContentMode::Structured);
    let batch = (0..3).map(|step| publisher.paper_filed(paper(2 << 20, step)));
    let published = batch.fold(publisher.atomically(), tidings::Atomic::add).await;
    if too_old(&published) {
        return;
    }
    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Papers::subscriber(shelf)));
    let mut steps = Vec::new();
    for _ in 0..3 {
        steps.push(next(&mut sightings).await.step);
    }
    steps.sort_unstable();
    assert_eq!(steps, [0, 1, 2]);
    run.stop().await;
}

async fn a_compressed_event_is_stored_at_a_later_time(bus: Tidings) {
    let publisher = publisher(&bus, ContentMode::Structured);
    let soon = tidings::Timestamp::now() + Duration::from_secs(1);
    let scheduled = publisher.paper_filed(paper(2 << 20, 0)).publish_at(soon).await;
    if too_old(&scheduled) {
        return;
    }
    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Papers::subscriber(shelf)));
    assert!(next(&mut sightings).await == paper(2 << 20, 0), "another paper came");
    run.stop().await;
}

async fn compressed_events_are_replayed_to_a_handler_and_to_a_file(bus: Tidings) {
    let filed = paper(100_000, 0);
    let publisher = publisher(&bus, ContentMode::Binary);
    publisher.paper_filed(filed.clone()).await.expect("stored");
    let spec = tracking::papers::Subscription::SPEC;
    let (first, mut sightings) = shelf(false);
    let replayed = bus.replay(spec).to(tracking::Papers::subscriber(first)).await;
    assert_eq!(replayed.expect("replayed").events, 1);
    assert!(next(&mut sightings).await == filed, "another paper came");

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("papers.jsonl");
    assert_eq!(bus.replay(spec).to_file(&file).await.expect("written").events, 1);
    let line = std::fs::read_to_string(&file).expect("text");
    let event: serde_json::Value = serde_json::from_str(&line).expect("a CloudEvent");
    assert!(event["data"]["text"] == filed.text, "another text was written");

    let (second, mut sightings) = shelf(false);
    let replayed = bus.replay(file).to(tracking::Papers::subscriber(second)).await;
    assert_eq!(replayed.expect("replayed").events, 1);
    assert!(next(&mut sightings).await == filed, "another paper came");
}

async fn a_compressed_dead_letter_is_kept_as_it_was_and_can_be_redriven(bus: Tidings) {
    let filed = paper(100_000, 0);
    let (failing, _sightings) = shelf(true);
    let run = Running::start(bus.run(tracking::Papers::subscriber(failing)));
    publisher(&bus, ContentMode::Structured).paper_filed(filed.clone()).await.expect("stored");
    let letter = only_letter(&bus).await;
    run.stop().await;
    assert_eq!(letter.reason, Some(Reason::Rejected));
    assert!(
        letter.raw_payload().starts_with(&[0x28, 0xb5, 0x2f, 0xfd]),
        "the bytes of the message"
    );
    let shown = bus.dead_letters(&CATALOG).payload(&letter).await.expect("readable");
    let shown: papers::PaperFiled = serde_json::from_str(&shown).expect("the payload");
    assert!(shown == filed, "another paper is shown");

    let (shelf, mut sightings) = shelf(false);
    let run = Running::start(bus.run(tracking::Papers::subscriber(shelf)));
    let redriven = bus.dead_letters(&CATALOG).redrive().await.expect("redriven");
    assert_eq!(redriven.count, 1);
    assert!(next(&mut sightings).await == filed, "another paper came");
    assert_eq!(run.stop().await.handled, 1);
}

async fn what_is_larger_than_anybody_takes_is_not_sent(bus: Tidings) {
    let all_the_same = papers::PaperFiled { text: "x".repeat(65 << 20), ..paper(0, 0) };
    let error = publisher(&bus, ContentMode::Structured).paper_filed(all_the_same).await;
    let error = error.expect_err("nobody would take it");
    assert!(matches!(error, tidings::PublishError::TooLarge { .. }), "{error}");
}

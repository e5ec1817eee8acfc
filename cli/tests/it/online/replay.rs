//! `tidings replay`

use std::path::Path;

use serde_json::Value;

use super::{AtWork, Stage};
use crate::tidings::Ended;

fn ids(stage: &Stage, file: &str) -> Vec<String> {
    let text = stage.project.read(file);
    let id = |line: &str| {
        let event: Value = serde_json::from_str(line).expect("JSON");
        event["id"].as_str().expect("an id").to_owned()
    };
    text.lines().map(id).collect()
}

#[tokio::test]
async fn stored_events_become_a_file_that_can_be_replayed_in_turn() {
    let stage = Stage::new().await;
    for (id, organization) in [("o-1", "acme"), ("o-2", "rival"), ("o-3", "acme")] {
        stage.order(id, organization);
    }
    let shown = stage.tidings(&["replay", "ORDERS_EVENTS", "--to", "all.jsonl"]).stdout(0);
    assert_eq!(shown, "3 events are in `all.jsonl`\n");
    assert_eq!(ids(&stage, "all.jsonl"), ["o-1", "o-2", "o-3"]);
    assert!(!stage.project.files().iter().any(|file| file.ends_with(".checkpoint")));
    let args = ["replay", "analytics.order_book", "--to", "some.jsonl", "--organization", "acme"];
    let data = stage.data(&[&args[..], &["--from", "2"]].concat());
    assert_eq!((&data["events"], &data["sequence"]), (&1.into(), &3.into()));
    assert_eq!(ids(&stage, "some.jsonl"), ["o-3"]);
    let events = std::sync::Mutex::new(Vec::new());
    let file = stage.project.path().join("all.jsonl");
    let replaying = stage.bus().await.replay(Path::new(&file)).each_untyped(|arrival, _| {
        events.lock().expect("no panic").push(arrival.envelope.id);
        std::future::ready(Ok(()))
    });
    replaying.await.expect("replayed");
    assert_eq!(events.into_inner().expect("no panic"), ["o-1", "o-2", "o-3"]);

    let failure = |args: &[&str]| stage.tidings(&[&["replay"], args].concat()).failure();
    insta::assert_snapshot!(failure(&["ORDERS_EVENTS", "--to", "all.jsonl"]), @"
    error: `all.jsonl` exists
      = help: name another file: none is written over
    ");
    insta::assert_snapshot!(failure(&["ORDERS_EVENTS", "--to", "all.jsonl", "--resume"]), @"
    error: `all.jsonl` cannot be gone on with: it has no checkpoint
      = help: a replay that was interrupted leaves `all.jsonl.checkpoint`
      = help: without one, the replay was finished
    ");
    insta::assert_snapshot!(failure(&["orders.fulfilmant", "--to", "x.jsonl"]), @"
    error: the catalog has no subscription, event or stream `orders.fulfilmant`
      = help: did you mean `orders.fulfilment`?
    ");
    let missing = Stage::empty().await;
    let shown = missing.tidings(&["replay", "ORDERS_EVENTS", "--to", "x.jsonl"]).failure();
    assert!(shown.contains("the server has no stream `ORDERS_EVENTS`"), "{shown}");
    assert!(shown.contains("run `tidings apply`"), "{shown}");
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupted_replay_says_so_and_goes_on_where_it_was() {
    let stage = Stage::new().await;
    let bus = stage.bus().await;
    let publisher = event_catalog::orders::Publisher::new(&bus).organization("acme");
    let example = <event_catalog::orders::OrderCreated as tidings::Event>::SPEC.examples[0];
    for number in 0..6 {
        let order: event_catalog::orders::OrderCreated =
            serde_json::from_str(example).expect("an example");
        publisher.publish(order).id(format!("o-{number}")).await.expect("stored");
    }
    let args = ["replay", "ORDERS_EVENTS", "--to", "slow.jsonl"];
    let replay = AtWork::start(stage.command(&[&args[..], &["--rate", "1"]].concat()));
    let file = stage.project.path().join("slow.jsonl");
    while !file.exists() {
        tokio::task::yield_now().await;
    }
    replay.interrupt();
    let Ended { code, stdout, stderr } = replay.ended();
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    assert!(stderr.contains("in `slow.jsonl` so far"), "{stderr}");
    assert!(stderr.contains("the same with `--resume` goes on from there"), "{stderr}");
    let so_far = ids(&stage, "slow.jsonl").len();
    assert!(so_far < 6, "{so_far}");
    let again = stage.tidings(&args).failure();
    assert!(
        again.contains("an interrupted replay has left it: `--resume` goes on with it"),
        "{again}"
    );
    stage.tidings(&[&args[..], &["--resume"]].concat()).stdout(0);
    let all: Vec<String> = (0..6).map(|number| format!("o-{number}")).collect();
    assert_eq!(ids(&stage, "slow.jsonl"), all);
}

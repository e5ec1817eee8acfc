//! A stream that holds messages is made anew with all of them, whenever whoever does it dies.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::recreation::handled;
use super::*;
use crate::fixture::{courier, sent};

const STREAM: &str = "PARCELS_EVENTS";
const COPY: &str = "PARCELS_EVENTS_COPY";

fn in_memory() -> Catalog {
    changed(|stream| {
        if stream.name == STREAM {
            stream.limits.storage = tidings::catalog::Storage::Memory;
        }
    })
}

/// A server whose stream holds events, some of which were removed; the subscription has handled three of them.
async fn filled(server: &NatsServer) -> (Tidings, Admin) {
    let bus = super::super::connect(server).await;
    for step in 0..3 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    assert_eq!(handled(&bus, 3).await, [0, 1, 2]);
    for step in 3..40 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    let admin = Admin::of(server).await;
    for sequence in [2, 6] {
        let request = json!({ "seq": sequence });
        admin.call("STREAM.MSG.DELETE.PARCELS_EVENTS", request).await;
    }
    (bus, admin)
}

/// Every message: its sequence, subject, time and body, and the headers but for what its publisher expected of the stream, which
/// mirrors leave out.
async fn content(admin: &Admin) -> Vec<String> {
    let mut all = Vec::new();
    for sequence in 1..=40 {
        let request = json!({ "seq": sequence });
        let answer = admin.ask("STREAM.MSG.GET.PARCELS_EVENTS", &request).await;
        let Some(message) = answer.get("message") else { continue };
        let text = |key: &str| {
            let bytes = BASE64_STANDARD.decode(message[key].as_str().expect("base64"));
            String::from_utf8(bytes.expect("base64")).expect("UTF-8")
        };
        let headers = text("hdrs");
        let mut headers: Vec<&str> =
            headers.lines().filter(|line| !line.starts_with("Nats-Expected-")).collect();
        headers.sort_unstable();
        let (subject, time) = (&message["subject"], &message["time"]);
        all.push(format!("{sequence} {subject} {time} {headers:?} {}", text("data")));
    }
    all
}

async fn is_made_anew(bus: &Tidings, admin: &Admin, before: &[String]) {
    assert_eq!(admin.stream(STREAM).await["storage"], "memory");
    assert!(admin.ask(&format!("STREAM.INFO.{COPY}"), &Value::Null).await.get("error").is_some());
    let after = plan(bus, &in_memory()).await;
    assert!(after.is_clean(), "{:?}", lines(after.differences()));
    let content = content(admin).await;
    assert_eq!(content.len(), before.len());
    for (is, was) in content.iter().zip(before) {
        assert_eq!(is, was);
    }
    courier(bus).parcel_sent(sent("p-1", 40)).await.expect("it takes events again");
    let expected: Vec<u64> = (3..=40).filter(|step| *step != 5).collect();
    assert_eq!(handled(bus, expected.len()).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_made_anew_with_all_that_it_holds() {
    let server = NatsServer::start().await.expect("a server");
    let (bus, admin) = filled(&server).await;
    let before = content(&admin).await;
    assert_eq!(before.len(), 38);
    let catalog = in_memory();
    let topology = bus.topology(&catalog).consent(Consent::new().recreate(STREAM));
    let applied = topology.apply().await.expect("applied");
    if !is_modern(&applied.left) {
        let [refusal] = &applied.refused[..] else { panic!("{:?}", applied.refused) };
        let said = refusal.to_string();
        assert!(said.contains("it holds 38 messages, which would be lost"), "{said}");
        assert!(content(&admin).await == before);
        return;
    }
    assert!(applied.refused.is_empty(), "{:?}", applied.refused);
    is_made_anew(&bus, &admin, &before).await;
}

/// Each attempt is given a little more time than the one before, until one comes to the end. Between them a service starts.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_dies_in_between_is_taken_up_by_the_next() {
    let server = NatsServer::start().await.expect("a server");
    let (bus, admin) = filled(&server).await;
    if !is_modern(&plan(&bus, &CATALOG).await) {
        return;
    }
    let before = content(&admin).await;
    let catalog = in_memory();
    let mut stages = std::collections::BTreeSet::new();
    let mut millis = 1;
    loop {
        let topology = bus.topology(&catalog).consent(Consent::new().recreate(STREAM));
        let apply = tokio::time::timeout(Duration::from_millis(millis), topology.apply());
        if let Ok(applied) = apply.await {
            let applied = applied.expect("applied");
            assert!(applied.refused.is_empty(), "{:?}", applied.refused);
            if applied.left.is_clean() {
                break;
            }
        }
        millis += 1 + millis / 8;
        let stream = admin.ask(&format!("STREAM.INFO.{STREAM}"), &Value::Null).await;
        let copy = admin.ask(&format!("STREAM.INFO.{COPY}"), &Value::Null).await;
        let exists = |info: &Value| info.get("error").is_none();
        let mirrors = |info: &Value| !info["config"]["mirror"].is_null();
        let stage = (exists(&stream), mirrors(&stream), exists(&copy), mirrors(&copy));
        stages.insert(stage);
        if exists(&copy) {
            // Never one that is empty: what it held would be out of sight.
            let ensured = bus.ensure(&catalog).await;
            drop(ensured);
            let held = admin.ask(&format!("STREAM.INFO.{STREAM}"), &Value::Null).await;
            let whole = held["state"]["last_seq"] == 40;
            assert!(whole || !held["config"]["mirror"].is_null(), "after {stage:?}: {held}");
        }
    }
    assert!(stages.len() > 1, "it was never interrupted: {stages:?}");
    is_made_anew(&bus, &admin, &before).await;
}

/// The stages that a process can leave behind, made by hand.
#[tokio::test(flavor = "multi_thread")]
async fn each_stage_is_gone_on_from() {
    for stage in 0..4 {
        let server = NatsServer::start().await.expect("a server");
        let (bus, admin) = filled(&server).await;
        if !is_modern(&plan(&bus, &CATALOG).await) {
            return;
        }
        let before = content(&admin).await;
        let floor = admin.consumer(STREAM, "tracking-journey").await["ack_floor"]["stream_seq"]
            .as_u64()
            .expect("a floor");
        let copy = json!({
            "name": COPY,
            "mirror": { "name": STREAM },
            "metadata": {
                "tidings.catalog": "fixture",
                "tidings.copy_of": STREAM,
                "tidings.resume.tracking-journey": (floor + 1).to_string(),
            },
        });
        admin.call(&format!("STREAM.CREATE.{COPY}"), copy).await;
        while admin.call(&format!("STREAM.INFO.{COPY}"), Value::Null).await["state"]["messages"]
            != 38
        {}
        if stage > 0 {
            admin.change_stream(STREAM, json!({ "sealed": true })).await;
        }
        if stage > 1 {
            admin.call(&format!("STREAM.DELETE.{STREAM}"), Value::Null).await;
        }
        if stage > 2 {
            let mut config = admin.stream(COPY).await;
            config.remove("mirror");
            config.insert("subjects".to_owned(), json!(["_copy.PARCELS_EVENTS"]));
            admin.call(&format!("STREAM.UPDATE.{COPY}"), Value::Object(config)).await;
        }
        let catalog = in_memory();
        if stage > 1 {
            // Nobody has to consent once more, and a service that starts does it too.
            bus.ensure(&catalog).await.expect("made of its copy");
        } else {
            let topology = bus.topology(&catalog).consent(Consent::new().recreate(STREAM));
            let applied = topology.apply().await.expect("applied");
            assert!(applied.refused.is_empty(), "{stage}: {:?}", applied.refused);
        }
        is_made_anew(&bus, &admin, &before).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_for_a_later_time_are_copied_or_refused() {
    let server = NatsServer::start().await.expect("a server");
    let (bus, admin) = filled(&server).await;
    if !is_modern(&plan(&bus, &CATALOG).await) {
        return;
    }
    let time = tidings::Timestamp::now() + Duration::from_secs(5);
    courier(&bus).parcel_sent(sent("p-1", 99)).publish_at(time).await.expect("scheduled");
    let catalog = in_memory();
    let topology = bus.topology(&catalog).consent(Consent::new().recreate(STREAM));
    let applied = topology.apply().await.expect("applied");
    if let [refusal] = &applied.refused[..] {
        let said = refusal.to_string();
        assert!(said.contains("it holds 1 events for a later time"), "{said}");
        let stream = admin.stream(STREAM).await;
        assert_eq!((&stream["storage"], &stream["sealed"]), (&json!("file"), &json!(false)));
        assert!(
            admin.ask(&format!("STREAM.INFO.{COPY}"), &Value::Null).await.get("error").is_some()
        );
    } else {
        assert!(applied.left.is_clean(), "{:?}", lines(applied.left.differences()));
    }
    let steps = handled(&bus, 37).await;
    assert_eq!(steps.last(), Some(&99), "it comes when its time has come: {steps:?}");
}

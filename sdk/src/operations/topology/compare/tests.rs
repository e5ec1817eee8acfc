//! Each kind of difference, without a server.

use serde_json::{Value, json};

use super::super::actual::Actual;
use super::super::desired::{Desired, WantedConsumer, WantedStream};
use super::super::plan::{Action, Consent, Plan};
use super::super::{Class, Difference};
use super::compare;
use crate::broker::jetstream::{ConsumerInfo, Settings, StreamInfo};
use crate::catalog::{Ownership, Start};

fn settings(value: Value) -> Settings {
    let Value::Object(settings) = value else { panic!("{value} is no object") };
    settings
}

fn wanted_stream() -> Value {
    json!({
        "name": "S", "retention": "limits", "discard": "old", "storage": "file", "max_age": 1000, "max_bytes": 1024,
        "num_replicas": 3, "duplicate_window": 500, "allow_direct": true, "allow_msg_schedules": true,
        "allow_rollup_hdrs": true,
    })
}

fn wanted_consumer() -> Value {
    json!({
        "name": "c", "durable_name": "c", "ack_policy": "explicit", "ack_wait": 1000, "max_deliver": -1,
        "max_ack_pending": 10, "replay_policy": "instant", "deliver_policy": "all",
    })
}

fn desired(ownership: Ownership) -> Desired {
    Desired {
        catalog: "shop".to_owned(),
        environment: "test".to_owned(),
        streams: vec![WantedStream {
            name: "S".to_owned(),
            ownership,
            subjects: vec!["s.>".to_owned(), "_scheduled.S.*".to_owned()],
            settings: settings(wanted_stream()),
            schedules: "_scheduled.S.*".to_owned(),
            bulk: false,
        }],
        consumers: vec![WantedConsumer {
            stream: "S".to_owned(),
            name: "c".to_owned(),
            filters: vec!["s.a".to_owned(), "s.b.*".to_owned()],
            covering: Some("s.>".to_owned()),
            settings: settings(wanted_consumer()),
            start: Start::All,
        }],
        buckets: Vec::new(),
    }
}

/// A server on which all is as it should be, apart from some settings of the stream and of the consumer.
fn actual(stream: Value, consumer: Value) -> Actual {
    let mut of_stream = settings(wanted_stream());
    of_stream.insert("subjects".to_owned(), json!(["_scheduled.S.*", "s.>"]));
    of_stream
        .insert("metadata".to_owned(), json!({ "tidings.catalog": "shop", "_nats.ver": "2.15.1" }));
    of_stream.extend(settings(stream));
    let mut of_consumer = settings(wanted_consumer());
    of_consumer.insert("filter_subjects".to_owned(), json!(["s.b.*", "s.a"]));
    of_consumer.insert("metadata".to_owned(), json!({ "tidings.catalog": "shop" }));
    of_consumer.insert("max_waiting".to_owned(), json!(512));
    of_consumer.extend(settings(consumer));
    let mut actual = Actual::default();
    let info = StreamInfo { settings: of_stream, messages: 7, last: 9, created: String::new() };
    actual.streams.insert("S".to_owned(), info);
    let info = ConsumerInfo {
        stream: "S".to_owned(),
        name: "c".to_owned(),
        settings: of_consumer,
        unsettled_from: 1,
        created: String::new(),
    };
    actual.consumers.insert(("S".to_owned(), "c".to_owned()), info);
    actual
}

fn said(differences: &[Difference]) -> Vec<String> {
    let line = |one: &Difference| {
        let note = if one.note { "note, " } else { "" };
        format!("{}: {} [{note}{}]", one.object.path(), one.text, one.class.as_str())
    };
    differences.iter().map(line).collect()
}

#[test]
fn each_setting_differs_in_its_way() {
    for (stream, consumer, expected) in [
        (json!({}), json!({}), &[][..]),
        // What servers fill in, or write in another way.
        (
            json!({ "max_msgs": -1, "sealed": false, "consumer_limits": {} }),
            json!({ "num_replicas": 0 }),
            &[],
        ),
        // A limit has two directions.
        (
            json!({ "max_age": 10 }),
            json!({}),
            &["S: max_age is 10ns, the catalog says 1000ns [safe]"],
        ),
        (
            json!({ "max_age": 0 }),
            json!({}),
            &["S: max_age is unlimited, the catalog says 1000ns [narrowing]"],
        ),
        (
            json!({ "max_bytes": -1 }),
            json!({}),
            &["S: max_bytes is unlimited, the catalog says 1KiB [narrowing]"],
        ),
        (
            json!({ "num_replicas": 1 }),
            json!({}),
            &["S: num_replicas is 1, the catalog says 3 [safe]"],
        ),
        (
            json!({ "num_replicas": 5 }),
            json!({}),
            &["S: num_replicas is 5, the catalog says 3 [narrowing]"],
        ),
        (
            json!({ "duplicate_window": 900 }),
            json!({}),
            &["S: duplicate_window is 900ns, the catalog says 500ns [narrowing]"],
        ),
        (json!({ "max_msgs": 9 }), json!({}), &["S: max_msgs is 9 instead of unlimited [safe]"]),
        (
            json!({ "discard": "new" }),
            json!({}),
            &["S: discard is new, the catalog says old [narrowing]"],
        ),
        // With it there are no schedules, which are asked for when it is gone.
        (
            json!({ "discard": "new", "allow_msg_schedules": false }),
            json!({}),
            &["S: discard is new, the catalog says old [narrowing]"],
        ),
        (
            json!({ "sealed": true, "max_age": 1 }),
            json!({}),
            &["S: sealed is true instead of false [one-way]"],
        ),
        // What servers do not change.
        (
            json!({ "storage": "memory" }),
            json!({}),
            &["S: storage is memory, the catalog says file [needs recreation]"],
        ),
        (
            json!({ "retention": "workqueue" }),
            json!({}),
            &["S: retention is workqueue, the catalog says limits [needs recreation]"],
        ),
        (
            json!({ "retention": "interest" }),
            json!({}),
            &["S: retention is interest, the catalog says limits [safe]"],
        ),
        (
            json!({ "allow_msg_counter": true }),
            json!({}),
            &["S: allow_msg_counter is true instead of false [needs recreation]"],
        ),
        (
            json!({ "persist_mode": "async" }),
            json!({}),
            &["S: persist_mode is async instead of default [needs recreation]"],
        ),
        (
            json!({ "mirror": { "name": "X" } }),
            json!({}),
            &["S: mirror is {\"name\":\"X\"} instead of unset [needs recreation]"],
        ),
        (
            json!({ "deny_delete": true }),
            json!({}),
            &["S: deny_delete is true instead of false [one-way]"],
        ),
        // It could not take schedules, which are not asked of it then.
        (
            json!({ "deny_purge": true, "allow_msg_schedules": false, "allow_rollup_hdrs": false, "subjects": ["s.>"] }),
            json!({}),
            &["S: deny_purge is true instead of false [one-way]"],
        ),
        (
            json!({ "allow_msg_schedules": false }),
            json!({}),
            &["S: allow_msg_schedules is false, the catalog says true [safe]"],
        ),
        (
            json!({ "allow_batched": true }),
            json!({}),
            &[
                "S: allow_batched is true, about which the catalog says nothing; it stays [note, kept]",
            ],
        ),
        // What is somebody's own business, known or not.
        (
            json!({ "placement": { "tags": ["x"] } }),
            json!({}),
            &[
                "S: placement is {\"tags\":[\"x\"]}, about which the catalog says nothing; it stays [note, kept]",
            ],
        ),
        (
            json!({ "novel": 5, "other": false }),
            json!({}),
            &["S: novel is 5, which Tidings knows nothing about; it stays [note, kept]"],
        ),
        // Consumers.
        (
            json!({}),
            json!({ "ack_wait": 5 }),
            &["S/c: ack_wait is 5ns, the catalog says 1000ns [safe]"],
        ),
        (
            json!({}),
            json!({ "ack_wait": 2000 }),
            &["S/c: ack_wait is 2000ns, the catalog says 1000ns [narrowing]"],
        ),
        (
            json!({}),
            json!({ "max_ack_pending": 50 }),
            &["S/c: max_ack_pending is 50, the catalog says 10 [safe]"],
        ),
        (
            json!({}),
            json!({ "max_ack_pending": 1 }),
            &["S/c: max_ack_pending is 1, the catalog says 10 [narrowing]"],
        ),
        (
            json!({}),
            json!({ "max_deliver": 3 }),
            &["S/c: max_deliver is 3, the catalog says unlimited [safe]"],
        ),
        (json!({}), json!({ "max_waiting": 600 }), &[]),
        (
            json!({}),
            json!({ "max_waiting": 100 }),
            &["S/c: max_waiting is 100 instead of 512 [needs recreation]"],
        ),
        (
            json!({}),
            json!({ "ack_policy": "none" }),
            &["S/c: ack_policy is none, the catalog says explicit [needs recreation]"],
        ),
        (
            json!({}),
            json!({ "deliver_subject": "x" }),
            &["S/c: deliver_subject is x instead of unset [needs recreation]"],
        ),
        (json!({}), json!({ "deliver_policy": "by_start_sequence", "opt_start_seq": 4 }), &[]),
        (
            json!({}),
            json!({ "deliver_policy": "new" }),
            &["S/c: began with new; what the catalog says now is for new ones [note, kept]"],
        ),
        (
            json!({}),
            json!({ "pause_until": "2030-01-01T00:00:00Z" }),
            &[
                "S/c: pause_until is 2030-01-01T00:00:00Z, about which the catalog says nothing; it stays [note, kept]",
            ],
        ),
        // One filter for several, as a server before 2.12 needs it, and none, which reads all.
        (json!({}), json!({ "filter_subjects": null, "filter_subject": "s.>" }), &[]),
        (
            json!({}),
            json!({ "filter_subjects": null }),
            &["S/c: also reads `>`, which the catalog does not [narrowing]"],
        ),
        (json!({}), json!({ "filter_subjects": ["s.a"] }), &["S/c: does not read `s.b.*` [safe]"]),
        (json!({}), json!({ "metadata": {} }), &["S/c: is not marked as the catalog's [safe]"]),
        (
            json!({}),
            json!({ "metadata": { "tidings.catalog": "other" }, "ack_wait": 5 }),
            &[
                "S/c: ack_wait is 5ns, the catalog says 1000ns [foreign]",
                "S/c: belongs to the catalog `other` [note, foreign]",
            ],
        ),
        // What is left of a recreation.
        (
            json!({ "metadata": { "tidings.catalog": "shop", "tidings.resume.c": "4" } }),
            json!({}),
            &["S: remembers where `c` was to begin when it was made anew [safe]"],
        ),
        // A stream of two catalogs has the settings of one.
        (
            json!({ "metadata": { "tidings.catalog": "other" }, "max_age": 10, "subjects": ["other.>"] }),
            json!({}),
            &[
                "S: does not capture `s.>` and `_scheduled.S.*` [safe]",
                "S: also captures `other.>`, which the catalog does not [note, kept]",
                "S: max_age is 10ns, the catalog says 1000ns [foreign]",
                "S: belongs to the catalog `other` [note, foreign]",
            ],
        ),
    ] {
        let found =
            compare(&desired(Ownership::Managed), &actual(stream.clone(), consumer.clone()));
        assert_eq!(said(&found), expected, "{stream} {consumer}");
    }
}

#[test]
fn an_external_stream_may_have_more_and_is_left() {
    let differing = json!({ "max_age": 0, "max_msgs": 9, "metadata": {} });
    let desired = desired(Ownership::External);
    let actual = actual(differing, json!({ "max_waiting": 1, "max_deliver": 3 }));
    let found = compare(&desired, &actual);
    assert_eq!(
        said(&found),
        [
            "S: max_age is unlimited, the catalog says 1000ns [note, kept]",
            "S: max_msgs is 9 instead of unlimited [safe]",
            "S/c: max_waiting is 1 instead of 512 [needs recreation]",
            "S/c: max_deliver is 3, the catalog says unlimited [safe]",
        ]
    );
    let consent = Consent::new().recreate("S").recreate("c").narrow("S");
    let plan = Plan::new(&desired, "2.15.1".to_owned(), found, actual, consent);
    let steps: Vec<_> = plan
        .steps()
        .iter()
        .map(|step| (step.object.path(), step.action, step.ends.len(), step.leaves.len()))
        .collect();
    assert_eq!(
        steps,
        [("S".to_owned(), Action::Leave, 0, 1), ("S/c".to_owned(), Action::Update, 1, 1)]
    );
}

#[test]
fn who_is_in_the_way_keeps_what_depends_on_it_from_being_made() {
    let desired = desired(Ownership::Managed);
    let mut actual = Actual::default();
    let legacy = settings(json!({ "name": "LEGACY", "subjects": ["x", "s.old.*"] }));
    let info = StreamInfo { settings: legacy, messages: 0, last: 0, created: String::new() };
    actual.streams.insert("LEGACY".to_owned(), info);
    let found = compare(&desired, &actual);
    let plan = Plan::new(&desired, "2.15.1".to_owned(), found, actual, Consent::new());
    assert!(plan.steps().iter().all(|step| step.action == Action::Leave), "{:?}", plan.steps());
    let texts: Vec<&str> = plan.differences().map(|one| one.text.as_str()).collect();
    assert_eq!(texts[1], "`s.>` overlaps with `s.old.*` of the stream `LEGACY`");
    assert_eq!(plan.differences().filter(|one| one.class == Class::Missing).count(), 2);
}

#[test]
fn orphans_are_told_from_foreign_ones() {
    let desired = desired(Ownership::Managed);
    let mut actual = actual(json!({}), json!({}));
    for (name, mark) in [("gone", json!({ "tidings.catalog": "shop" })), ("other", json!({}))] {
        let stream = settings(json!({ "name": name, "subjects": [name], "metadata": mark }));
        actual.streams.insert(
            name.to_owned(),
            StreamInfo { settings: stream, messages: 3, last: 3, created: String::new() },
        );
        for durable in [true, false] {
            let mut config = settings(json!({ "name": name, "metadata": mark }));
            if durable {
                config.insert("durable_name".to_owned(), name.into());
            }
            let key = ("S".to_owned(), format!("{name}{durable}"));
            let info = ConsumerInfo {
                stream: key.0.clone(),
                name: key.1.clone(),
                settings: config,
                unsettled_from: 1,
                created: String::new(),
            };
            actual.consumers.insert(key, info);
        }
    }
    assert_eq!(
        said(&compare(&desired, &actual)),
        [
            "S/gonetrue: was made for the catalog, which does not have it any more [orphan]",
            "S/othertrue: is none of the catalog's [note, foreign]",
            "gone: was made for the catalog, which does not have it any more; it holds 3 messages [orphan]",
        ]
    );
}

use super::*;

const STREAM: &str = "PARCELS_EVENTS";
const JOURNEY: &str = "PARCELS_EVENTS/tracking-journey";

/// A change that somebody makes by hand, what is said of it, and whether applying repairs it unasked.
struct Change {
    what: &'static str,
    says: &'static str,
    class: Class,
}

const fn change(what: &'static str, class: Class, says: &'static str) -> Change {
    Change { what, says, class }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_by_hand_is_named_and_what_is_safe_is_repaired() {
    let server = NatsServer::start().await.expect("a server");
    let bus = super::super::connect(&server).await;
    let admin = Admin::of(&server).await;
    let modern = is_modern(&plan(&bus, &CATALOG).await);

    admin
        .change_stream(
            STREAM,
            json!({
                "subjects": ["other.>"], "max_age": 3_600_000_000_000_u64, "max_bytes": -1, "max_msgs": 10,
                "max_msgs_per_subject": 2, "max_msg_size": 100, "duplicate_window": 60_000_000_000_u64,
                "retention": "interest", "no_ack": true, "allow_direct": false,
                "subject_transform": { "src": "other.>", "dest": "another.>" },
                "consumer_limits": { "max_ack_pending": 5000 },
                "compression": "s2", "description": "by hand", "metadata": { "team": "parcels" },
            }),
        )
        .await;
    admin
        .change_consumer(
            STREAM,
            "tracking-journey",
            json!({
                "filter_subject": null, "filter_subjects": ["parcels.parcel.sent", "spare.>"],
                "max_deliver": 3, "backoff": [1_000_000_000], "max_ack_pending": 5,
                "inactive_threshold": 60_000_000_000_u64, "headers_only": true, "max_batch": 1,
                "max_expires": 1_000_000_000, "max_bytes": 1000, "description": "by hand",
            }),
        )
        .await;
    admin
        .replace_consumer(
            STREAM,
            "tracking-patient",
            json!({ "ack_policy": "all", "max_waiting": 3, "replay_policy": "original" }),
        )
        .await;
    admin.call("CONSUMER.DELETE.DLQ_EVENTS.tracking-journey-redrive", Value::Null).await;
    admin.change_stream("DLQ_EVENTS", json!({ "deny_delete": true })).await;
    admin.call("STREAM.DELETE.DLQ_EVENTS_ADVISORIES", Value::Null).await;
    let of_ours = json!({ "tidings.catalog": "fixture" });
    let spare = json!({ "name": "GONE_EVENTS", "subjects": ["gone.>"], "metadata": of_ours });
    admin.call("STREAM.CREATE.GONE_EVENTS", spare).await;
    for (name, metadata) in [("gone", of_ours), ("stranger", json!({}))] {
        let config = json!({ "durable_name": name, "name": name, "ack_policy": "explicit", "metadata": metadata });
        let request = json!({ "stream_name": STREAM, "config": config });
        admin.call(&format!("CONSUMER.CREATE.{STREAM}.{name}"), request).await;
    }

    let expected = [
        change(STREAM, Class::Safe, "does not capture `parcels.>`"),
        change(STREAM, Class::Narrowing, "also captures `other.>`, which the catalog does not"),
        change(STREAM, Class::Safe, "retention is interest, the catalog says limits"),
        change(STREAM, Class::Safe, "max_age is 1h, the catalog says 1d"),
        change(STREAM, Class::Narrowing, "max_bytes is unlimited, the catalog says 64MiB"),
        change(STREAM, Class::Safe, "max_msgs is 10 instead of unlimited"),
        change(STREAM, Class::Safe, "max_msgs_per_subject is 2 instead of unlimited"),
        change(STREAM, Class::Safe, "max_msg_size is 100B instead of unlimited"),
        change(STREAM, Class::Safe, "duplicate_window is 1m, the catalog says 2m"),
        change(STREAM, Class::Safe, "no_ack is true instead of false"),
        change(STREAM, Class::Safe, "allow_direct is false, the catalog says true"),
        change(
            STREAM,
            Class::Safe,
            "subject_transform is {\"dest\":\"another.>\",\"src\":\"other.>\"} instead of unset",
        ),
        change(
            STREAM,
            Class::Kept,
            "consumer_limits is {\"max_ack_pending\":5000}, about which the catalog says nothing; it stays",
        ),
        change(STREAM, Class::Safe, "is not marked as the catalog's"),
        change(
            STREAM,
            Class::Kept,
            "compression is s2, about which the catalog says nothing; it stays",
        ),
        change(
            STREAM,
            Class::Kept,
            "description is by hand, about which the catalog says nothing; it stays",
        ),
        change(JOURNEY, Class::Safe, "does not read `parcels.*.parcel.arrived`"),
        change(JOURNEY, Class::Narrowing, "also reads `spare.>`, which the catalog does not"),
        change(JOURNEY, Class::Safe, "max_deliver is 3, the catalog says unlimited"),
        change(JOURNEY, Class::Safe, "backoff is [1s] instead of unset"),
        change(JOURNEY, Class::Safe, "ack_wait is 1s, the catalog says 2s"),
        change(JOURNEY, Class::Safe, "max_ack_pending is 5, the catalog says 4000"),
        change(JOURNEY, Class::Safe, "inactive_threshold is 1m instead of unset"),
        change(JOURNEY, Class::Safe, "headers_only is true instead of false"),
        change(JOURNEY, Class::Safe, "max_batch is 1 instead of unset"),
        change(JOURNEY, Class::Safe, "max_expires is 1s instead of unset"),
        change(JOURNEY, Class::Safe, "max_bytes is 1000B instead of unset"),
        change(
            JOURNEY,
            Class::Kept,
            "description is by hand, about which the catalog says nothing; it stays",
        ),
        change(
            "PARCELS_EVENTS/tracking-patient",
            Class::Recreation,
            "ack_policy is all, the catalog says explicit",
        ),
        change(
            "PARCELS_EVENTS/tracking-patient",
            Class::Recreation,
            "max_waiting is 3 instead of 512",
        ),
        change(
            "PARCELS_EVENTS/tracking-patient",
            Class::Recreation,
            "replay_policy is original, the catalog says instant",
        ),
        change(
            "DLQ_EVENTS/tracking-journey-redrive",
            Class::Missing,
            "does not exist; it would begin with everything that the stream holds",
        ),
        change("DLQ_EVENTS", Class::OneWay, "deny_delete is true instead of false"),
        change("DLQ_EVENTS_ADVISORIES", Class::Missing, "does not exist"),
        change(
            "DLQ_EVENTS_ADVISORIES/sweeper",
            Class::Missing,
            "does not exist; it would begin with everything that the stream holds",
        ),
        change(
            "GONE_EVENTS",
            Class::Orphan,
            "was made for the catalog, which does not have it any more; it is empty",
        ),
        change(
            "PARCELS_EVENTS/gone",
            Class::Orphan,
            "was made for the catalog, which does not have it any more",
        ),
        change("PARCELS_EVENTS/stranger", Class::Foreign, "is none of the catalog's"),
        change(
            "KV_card_snapshots",
            Class::Missing,
            "does not exist, and services keep data in the bucket `card_snapshots`",
        ),
        change(
            "KV_tolls_inbox",
            Class::Missing,
            "does not exist, and services keep data in the bucket `tolls_inbox`",
        ),
    ];
    let mut expected: Vec<String> = expected
        .iter()
        .map(|one| format!("{}: {} [{}]", one.what, one.says, one.class.as_str()))
        .collect();
    let drifted = plan(&bus, &CATALOG).await;
    let mut found: Vec<String> = lines(drifted.differences().chain(drifted.notes()));
    // The events that wait for their time lie in the stream, too.
    for line in &mut found {
        *line = line.replace(" and `_scheduled.PARCELS_EVENTS.*`", "");
    }
    // What an older server does not know is told by another test.
    found.retain(|line| !line.contains(": takes no bulk loads, "));
    if !modern {
        found.retain(|line| !line.starts_with("server: "));
        // There, one filter stands for all.
        let covering = "PARCELS_EVENTS/tracking-journey: does not read `parcels.>` [safe]";
        for line in found.iter_mut().filter(|line| *line == covering) {
            *line = line.replace("parcels.>", "parcels.*.parcel.arrived");
        }
    }
    expected.sort();
    found.sort();
    assert_eq!(found, expected);

    let applied = bus.topology(&CATALOG).apply().await.expect("applied");
    assert!(applied.refused.is_empty(), "{:?}", applied.refused);
    let left: Vec<Class> = applied.left.differences().map(|one| one.class).collect();
    let consented = [Class::Narrowing, Class::Recreation, Class::OneWay, Class::Orphan];
    assert!(
        left.iter().all(|class| consented.contains(class)),
        "{:?}",
        lines(applied.left.differences())
    );
    assert!(applied.left.steps().iter().all(|step| step.action == Action::Leave));
    // What nobody asked to change is as somebody left it.
    let stream = admin.stream(STREAM).await;
    assert_eq!((&stream["compression"], &stream["description"]), (&json!("s2"), &json!("by hand")));
    assert_eq!(stream["metadata"]["team"], "parcels");
    assert!(stream["subjects"].as_array().expect("subjects").contains(&json!("other.>")));

    let consent = Consent::new()
        .narrow(STREAM)
        .narrow("tracking-journey")
        .recreate("PARCELS_EVENTS/tracking-patient")
        .recreate("DLQ_EVENTS")
        .delete("GONE_EVENTS")
        .delete("gone");
    let applied = bus.topology(&CATALOG).consent(consent).apply().await.expect("applied");
    assert!(applied.refused.is_empty(), "{:?}", applied.refused);
    assert!(applied.left.is_clean(), "{:?}", lines(applied.left.differences()));
    let stranger = admin.ask(&format!("CONSUMER.INFO.{STREAM}.stranger"), &Value::Null).await;
    assert!(stranger.get("error").is_none(), "it was nobody's to delete");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_counts_for_what_it_names() {
    let server = NatsServer::start().await.expect("a server");
    let bus = super::super::connect(&server).await;
    let admin = Admin::of(&server).await;
    for stream in [STREAM, "PALLETS_EVENTS"] {
        admin.change_stream(stream, json!({ "max_age": 0 })).await;
    }
    let consent = Consent::new().narrow(STREAM).delete("PALLETS_EVENTS").recreate("nobody");
    let topology = bus.topology(&CATALOG).consent(consent);
    let planned = topology.plan().await.expect("a plan");
    assert_eq!(planned.pointless_consents(), ["nobody", "PALLETS_EVENTS"]);
    let applied = topology.apply().await.expect("applied");
    assert_eq!(applied.done, [(Object::Stream(STREAM.into()), Action::Update)]);
    assert_eq!(
        lines(applied.left.differences()),
        ["PALLETS_EVENTS: max_age is unlimited, the catalog says 1d [narrowing]"]
    );
}

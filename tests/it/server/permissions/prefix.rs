//! Environments that share an account, each with users of its own.

use tidings::{Prefix, PublishError, Reject, Subscription as _};
use tidings_codegen::emit::permissions::Options;

use super::Guarded;
use super::probe::Probe;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Running, Tracker, courier, next, sent, until};

fn prefixes() -> [Prefix; 2] {
    ["staging", "test"].map(|word| word.parse().expect("a prefix"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_environment_does_its_job_with_users_of_its_own() {
    let prefixes = prefixes();
    let options = Options { prefixes: &prefixes, ..Options::default() };
    let guarded = Guarded::of("catalog", options).await.applied().await;
    let bus = guarded.bus("staging-tracking").await;
    let (tracker, mut seen) = Tracker::new(async |seen| match seen.step {
        2 => Err(Reject::because("never").into()),
        _ => Ok(()),
    });
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let publisher = courier(&guarded.bus("staging-courier").await);
    for step in 1..3 {
        publisher.parcel_sent(sent("p-1", step)).await.expect("stored");
        next(&mut seen).await;
    }
    let operator = guarded.bus("staging-tidings-operator").await;
    let letters = || operator.dead_letters(&CATALOG);
    until("a dead letter", async || letters().all().await.expect("readable").len() == 1).await;
    let journey = tracking::journey::Subscription::SPEC;
    assert_eq!(bus.dead_letters_held(journey).await.expect("counted"), 1);
    assert_eq!(letters().redrive().await.expect("redriven").count, 1);
    next(&mut seen).await;
    bus.idle(journey).await.expect("idle");
    run.stop().await;
    let (tracker, _replayed) = Tracker::content();
    let replay = bus.replay(journey).to(tracking::Journey::subscriber(tracker));
    assert_eq!(replay.await.expect("replayed").events, 2);

    // The other environment has seen nothing of it, and a service is told in the catalog's terms that it may not go there.
    let other = guarded.bus("test-tidings-operator").await;
    assert_eq!(other.lag(journey).await.expect("a consumer").pending, 0);
    let astray = guarded.config("test-courier").prefix(prefixes[0].clone());
    let astray = tidings::Tidings::connect(astray).await.expect("a connection");
    let denied = courier(&astray).parcel_sent(sent("p-1", 9)).await.expect_err("denied");
    let PublishError::Rejected { source, .. } = &denied else { panic!("{denied:?}") };
    let said = source.to_string();
    assert!(said.contains("\"staging.parcels.parcel.sent\""), "{said}");
    assert!(said.contains("the event of `parcels.parcel.sent` in `publishes`"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_another_environment_s_is_denied() {
    let prefixes = prefixes();
    let options = Options { prefixes: &prefixes, ..Options::default() };
    let guarded = Guarded::of("catalog", options).await;
    for (user, permitted, forbidden) in [
        (
            "test-courier",
            &["test.parcels.parcel.sent", "_scheduled.TEST_PARCELS_EVENTS.x"][..],
            &[
                "parcels.parcel.sent",
                "staging.parcels.parcel.sent",
                "_scheduled.STAGING_PARCELS_EVENTS.x",
                "$O.staging_PHOTOS_EVENTS_payloads.C.x",
            ][..],
        ),
        (
            "test-tracking",
            &[
                "$JS.API.CONSUMER.MSG.NEXT.TEST_PARCELS_EVENTS.tracking-journey",
                "$JS.API.STREAM.INFO.TEST_DLQ_EVENTS",
                "test.dlq.tracking.journey.a",
            ],
            &[
                "$JS.API.CONSUMER.MSG.NEXT.STAGING_PARCELS_EVENTS.tracking-journey",
                "$JS.API.CONSUMER.MSG.NEXT.PARCELS_EVENTS.tracking-journey",
                "$JS.API.STREAM.INFO.STAGING_DLQ_EVENTS",
                "$JS.API.STREAM.MSG.GET.STAGING_PARCELS_EVENTS",
                "staging.dlq.tracking.journey.a",
            ],
        ),
        (
            "test-ledger",
            &["$KV.test_tolls_inbox.x"],
            &["$KV.staging_tolls_inbox.x", "$KV.tolls_inbox.x"],
        ),
        (
            "test-tidings-provisioner",
            &["$JS.API.STREAM.INFO.TEST_PARCELS_EVENTS"],
            &[
                "$JS.API.STREAM.DELETE.STAGING_PARCELS_EVENTS",
                "$JS.API.STREAM.CREATE.PARCELS_EVENTS",
            ],
        ),
    ] {
        let mut probe = Probe::of(&guarded, user).await;
        for subject in permitted {
            assert!(probe.may_publish(subject).await, "{user} may not: {subject}");
        }
        for subject in forbidden {
            assert!(!probe.may_publish(subject).await, "{user} may: {subject}");
        }
        for other in guarded.users.iter().filter(|other| other.name != user) {
            let inbox = format!("{}.>", other.inbox_prefix);
            assert!(!probe.may_subscribe(&inbox).await, "{user}: {inbox}");
        }
    }
}

//! What those are told who may not.

use std::error::Error as _;
use std::time::{Duration, Instant};

use tidings::kv::BucketConfig;
use tidings::topology::TopologyError;
use tidings::{BrokerError, Config, PublishError, RunError, Subscription as _, Tidings};

use super::{Guarded, secret};
use crate::fixture::catalog::courier::search;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Running, Tracker, courier, sent};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_another_service_is_refused_by_the_key_that_would_allow_it() {
    let guarded = Guarded::fixture().await;
    let booth = guarded.bus("booth").await;
    let begun = Instant::now();
    let error = courier(&booth).parcel_sent(sent("p-1", 0)).await.expect_err("denied");
    assert!(matches!(error, PublishError::Rejected { .. }), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    let reason = error.source().expect("a reason").to_string();
    for words in
        ["parcels.parcel.sent", "`publishes`", "in `services/booth.yaml`", "`tidings permissions`"]
    {
        assert!(reason.contains(words), "{reason}");
    }
    if !guarded.is_modern() {
        return;
    }
    let at = tidings::Timestamp::now() + Duration::from_secs(60);
    let error = courier(&booth).parcel_sent(sent("p-1", 0)).publish_at(at).await;
    let reason = error.expect_err("denied").source().expect("a reason").to_string();
    assert!(reason.contains("`schedules: true`"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_of_another_service_ends_with_the_key_that_would_allow_it() {
    let guarded = Guarded::fixture().await;
    let ledger = guarded.bus("ledger").await;
    let (tracker, _sightings) = Tracker::content();
    let error = Running::start(ledger.run(tracking::Journey::subscriber(tracker))).failed().await;
    let RunError::Subscription { source: BrokerError::Denied(words), .. } = error else {
        panic!("another error: {error:?}");
    };
    for part in ["`tracking-journey`", "`subscriptions` in `services/ledger.yaml`"] {
        assert!(words.contains(part), "{words}");
    }
    let (tracker, _sightings) = Tracker::content();
    let replay = ledger.replay(tracking::journey::Subscription::SPEC);
    let error = replay.to(tracking::Journey::subscriber(tracker)).await.expect_err("denied");
    let chain = format!("{error:?}");
    assert!(chain.contains("`replays: true`"), "{chain}");
    let error = ledger.ensure_bucket(&BucketConfig::new("card_snapshots")).await;
    let chain = format!("{:?}", error.expect_err("denied"));
    assert!(chain.contains("`card_snapshots` in `buckets` in `services/ledger.yaml`"), "{chain}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_would_create_streams_is_told_who_does() {
    let guarded = Guarded::fixture().await;
    let booth = guarded.bus("booth").await;
    for error in [
        booth.topology(&CATALOG).verify().await.expect_err("denied"),
        TopologyError::from(booth.ensure(&CATALOG).await.expect_err("denied")),
    ] {
        let chain = format!("{error:?}");
        assert!(chain.contains("TIDINGS_TOPOLOGY=off"), "{chain}");
        assert!(chain.contains("tidings-provisioner"), "{chain}");
    }
    booth.topology(&CATALOG).prepare().await.expect("off");
}

/// The inbox is the first thing that goes wrong: without it no answer is heard.
#[tokio::test(flavor = "multi_thread")]
async fn who_listens_in_the_common_inbox_is_told_of_his_own() {
    let guarded = Guarded::fixture().await;
    let config = Config::new(guarded.server.url()).user("courier", secret("courier"));
    let deaf = Tidings::connect(config).await.expect("a connection");
    let begun = Instant::now();
    for error in [
        deaf.ping().await.expect_err("no answer"),
        deaf.lag(search::Subscription::SPEC).await.expect_err("no answer"),
    ] {
        let BrokerError::Denied(words) = error else { panic!("{error:?}") };
        assert!(words.contains("NATS_INBOX_PREFIX"), "{words}");
    }
    let error = courier(&deaf).parcel_sent(sent("p-1", 0)).await.expect_err("no answer");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert!(format!("{error:?}").contains("NATS_INBOX_PREFIX"), "{error:?}");
}

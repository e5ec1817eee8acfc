//! Aggregates that are appended to while the broker's words are lost.

use std::num::NonZeroU64;

use tidings::aggregate::ExecuteError;
use tidings::kv::BucketConfig;
use tidings::testing::{Fault, Faults};
use tidings::{Handled, Subscription as _, event_handler};

use super::broker;
use super::personal::Log;
use crate::conformance::aggregates::card::{Card, CardEvent, TooLittle, cards, charged, spent};
use crate::fixture::catalog::kiosk;
use crate::fixture::catalog::parcels::ParcelSent;
use crate::fixture::{Running, courier, sent};

/// Pays, and fails; decides the same again, and never hears that it was stored before.
struct Deaf {
    faults: Faults,
    payments: u64,
}

#[event_handler]
impl kiosk::Counter for Deaf {
    async fn parcel_sent(&self, _: ParcelSent, cx: &kiosk::Context) -> Handled {
        let cards = cx.aggregates::<Card>();
        if cx.attempt() == 2 {
            self.faults.inject(Fault::PublishAnswerLost);
        }
        let payments = || (1..=self.payments).map(|payment| spent("c-1", payment)).collect();
        let paid: Result<_, ExecuteError<TooLittle>> =
            cards.execute("c-1", |_| Ok::<Vec<CardEvent>, _>(payments())).await;
        let paid = paid.map_err(|error| std::io::Error::other(format!("{error:?}")))?;
        assert_eq!(paid.version(), 1 + self.payments, "in attempt {}", cx.attempt());
        match cx.attempt() {
            1 => Err(std::io::Error::other("behind the payment"))?,
            _ => Ok(()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_attempt_has_appended_is_not_applied_again() {
    for payments in [1, 2] {
        let (bus, faults) = broker().await;
        let cards = cards(&bus);
        let mut card = cards.load("c-1").await.expect("readable");
        cards.append(&mut card, [charged("c-1", 1000)]).await.expect("appended");
        let deaf = Deaf { faults, payments };
        let run = Running::start(bus.run(kiosk::Counter::subscriber(deaf)));
        courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
        bus.idle(kiosk::counter::Subscription::SPEC).await.expect("idle");
        let report = run.stop().await;
        assert_eq!((report.handled, report.dead_lettered), (1, 0), "{payments}");
        // What is appended behind it has the number that it should have.
        let mut card = cards.load("c-1").await.expect("whole");
        cards.append(&mut card, [charged("c-1", 1)]).await.expect("appended");
        let card = cards.load("c-1").await.expect("whole");
        assert_eq!(card.version(), 2 + payments, "{payments}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_snapshot_is_said_without_its_values() {
    let (log, _guard) = Log::begin();
    let (bus, _faults) = broker().await;
    let bucket = bus.ensure_bucket(&BucketConfig::new("cards")).await.expect("a bucket");
    let cards = cards(&bus).snapshots(bucket.clone(), NonZeroU64::MIN);
    for state in [r#"{"holder":[],"cents":"4711081542"}"#, r#"{"holder":4711081542}"#] {
        let written = format!(
            r#"{{"name":"card","version":1,"events":1,"sequence":1,"event":"e","state":{state}}}"#
        );
        bucket.put("postage.card.card.v1.c-1", written).await.expect("written");
        assert!(cards.load("c-1").await.expect("readable").is_new());
    }
    let log = log.text();
    assert!(log.contains("a snapshot is not used") && log.contains("(not shown)"), "{log}");
    assert!(!log.contains("4711081542"), "{log}");
}

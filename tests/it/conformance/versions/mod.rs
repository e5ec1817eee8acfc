//! Old events, new events, and facts that are published in several versions.

mod newer;

use tidings::catalog::SubscriptionSpec;
use tidings::{
    ContentMode, Handled, PublishError, Reason, Reject, Report, Subscription as _, Tidings,
    Upcast as _, Version,
};
use tokio::sync::mpsc;

use self::newer::{NewerMinor, Ninth, NinthAndEighth, NinthAndSecond};
use super::dead_letters::only_letter;
use super::on_both_brokers;
use crate::fixture::catalog::parcels::{v1, v2, v3};
use crate::fixture::catalog::tracking;
use crate::fixture::{Running, courier, next, until};

const FIRST: &SubscriptionSpec = tracking::first_weights::Subscription::SPEC;
const SECOND: &SubscriptionSpec = tracking::second_weights::Subscription::SPEC;
const THIRD: &SubscriptionSpec = tracking::third_weights::Subscription::SPEC;

on_both_brokers!(
    an_old_event_reaches_a_newer_handler,
    an_old_event_goes_through_the_whole_chain,
    an_upcast_that_fails_is_a_dead_letter_at_once,
    an_upcast_that_panics_is_one_too,
    each_subscription_takes_a_fact_once,
    copies_are_the_same_in_binary_mode,
    enqueued_events_have_copies_too,
    a_copy_of_a_duplicate_is_a_duplicate,
    a_conflict_keeps_the_copies_away_too,
    what_is_stored_in_part_says_so_and_is_completed,
    a_newer_minor_version_is_read_and_kept_whole,
    a_newer_major_version_is_refused,
    an_unknown_newer_version_beside_the_own_is_skipped,
    an_unknown_newer_version_beside_an_older_one_is_skipped,
    of_unknown_versions_one_is_a_dead_letter,
);

/// What a handler was given, and in which version it was published.
#[derive(Debug, PartialEq)]
struct Weighed {
    /// The handler's version.
    taken: u16,
    parcel: String,
    kilograms: f64,
    published: Option<Version>,
}

/// Handles each version, and reports what it gets.
#[derive(Clone)]
struct Scales(mpsc::UnboundedSender<Weighed>);

impl Scales {
    fn new() -> (Self, mpsc::UnboundedReceiver<Weighed>) {
        let (report, weighed) = mpsc::unbounded_channel();
        (Self(report), weighed)
    }

    fn report(
        &self,
        taken: u16,
        parcel: String,
        kilograms: f64,
        cx: &tracking::Context,
    ) -> Handled {
        let _ =
            self.0.send(Weighed { taken, parcel, kilograms, published: cx.published_version() });
        Ok(())
    }
}

impl tracking::FirstWeights for Scales {
    async fn parcel_measured(&self, event: v1::ParcelMeasured, cx: &tracking::Context) -> Handled {
        self.report(1, event.parcel_id, event.weight, cx)
    }
}

impl tracking::SecondWeights for Scales {
    async fn parcel_measured(&self, event: v2::ParcelMeasured, cx: &tracking::Context) -> Handled {
        match event.note.as_deref() {
            Some("unreadable") => Err(Reject::because("not to be read"))?,
            _ => self.report(2, event.parcel_id, event.kilograms, cx),
        }
    }
}

impl tracking::ThirdWeights for Scales {
    async fn parcel_measured(&self, event: v3::ParcelMeasured, cx: &tracking::Context) -> Handled {
        self.report(3, event.parcel_id, event.weight.amount, cx)
    }
}

fn first(parcel: &str, weight: f64) -> v1::ParcelMeasured {
    let scale = v1::ParcelMeasuredScale::Old;
    v1::ParcelMeasured { parcel_id: parcel.to_owned(), weight, scale }
}

fn third(parcel: &str, amount: f64) -> v3::ParcelMeasured {
    let weight = v3::ParcelMeasuredWeight { amount, unit: v3::ParcelMeasuredWeightUnit::Kg };
    v3::ParcelMeasured { parcel_id: parcel.to_owned(), weight, note: None, photo: None }
}

/// Ends a run once nothing is left for its subscriptions.
async fn settled(
    run: Running,
    bus: &Tidings,
    subscriptions: &[&'static SubscriptionSpec],
) -> Report {
    for subscription in subscriptions {
        until("everything is settled", async || {
            let lag = bus.lag(subscription).await.expect("a consumer");
            (lag.pending, lag.unsettled) == (0, 0)
        })
        .await;
    }
    run.stop().await
}

fn weighed(taken: u16, parcel: &str, kilograms: f64, published: (u16, u16)) -> Weighed {
    let published = Some(Version::new(published.0, published.1));
    Weighed { taken, parcel: parcel.to_owned(), kilograms, published }
}

async fn an_old_event_reaches_a_newer_handler(bus: Tidings) {
    let (scales, mut seen) = Scales::new();
    let run = Running::start(bus.run(tracking::SecondWeights::subscriber(scales)));
    courier(&bus).parcel_measured_v1(first("p-1", 1.5)).await.expect("stored");
    assert_eq!(next(&mut seen).await, weighed(2, "p-1", 1.5, (1, 0)));
    assert_eq!(run.stop().await.handled, 1);
    let by_hand = v2::ParcelMeasured::upcast(first("p-1", 1.5)).expect("an upcast");
    assert_eq!((by_hand.kilograms, by_hand.scale), (1.5, v2::ParcelMeasuredScale::Mechanical));
}

async fn an_old_event_goes_through_the_whole_chain(bus: Tidings) {
    let (scales, mut seen) = Scales::new();
    let run = Running::start(bus.run(tracking::ThirdWeights::subscriber(scales)));
    courier(&bus).parcel_measured_v1(first("p-1", 1.5)).await.expect("stored");
    assert_eq!(next(&mut seen).await, weighed(3, "p-1", 1.5, (1, 0)));
    courier(&bus).parcel_measured(third("p-2", 2.5)).await.expect("stored");
    assert_eq!(next(&mut seen).await, weighed(3, "p-2", 2.5, (3, 0)));
    let report = settled(run, &bus, &[THIRD]).await;
    assert_eq!((report.handled, report.skipped, report.dead_lettered), (2, 2, 0));
}

async fn an_upcast_that_fails_is_a_dead_letter_at_once(bus: Tidings) {
    let (scales, _seen) = Scales::new();
    let run = Running::start(bus.run(tracking::ThirdWeights::subscriber(scales)));
    let published = courier(&bus).parcel_measured_v1(first("p-1", -1.0)).await.expect("stored");
    let letter = only_letter(&bus).await;
    assert_eq!((letter.reason, letter.attempts), (Some(Reason::UpcastFailed), 1));
    assert_eq!(
        letter.error,
        "`parcels.parcel.measured` cannot be upcast from version 2.1 to 3.0: -1 kg is no weight"
    );
    assert_eq!(letter.event_id, Some(published.id));
    let body: serde_json::Value =
        serde_json::from_slice(letter.raw_payload()).expect("the original");
    assert_eq!(body["data"]["weight"], -1.0, "as it was published");
    assert_eq!(run.stop().await.dead_lettered, 1);
}

async fn an_upcast_that_panics_is_one_too(bus: Tidings) {
    let (scales, _seen) = Scales::new();
    let run = Running::start(bus.run(tracking::ThirdWeights::subscriber(scales)));
    courier(&bus).parcel_measured_v1(first("p-1", 1e9)).await.expect("stored");
    let letter = only_letter(&bus).await;
    assert_eq!((letter.reason, letter.attempts), (Some(Reason::UpcastFailed), 1));
    assert!(letter.error.ends_with("the upcast panicked: no scale shows as much"), "{letter:?}");
    assert_eq!(run.stop().await.dead_lettered, 1);
}

async fn each_subscription_takes_a_fact_once(bus: Tidings) {
    takes_a_fact_once(bus, ContentMode::Structured).await;
}

async fn copies_are_the_same_in_binary_mode(bus: Tidings) {
    takes_a_fact_once(bus, ContentMode::Binary).await;
}

/// One event in three versions, three subscriptions, each with its own.
async fn takes_a_fact_once(bus: Tidings, mode: ContentMode) {
    let (scales, mut seen) = Scales::new();
    let run = bus.run(tracking::FirstWeights::subscriber(scales.clone()));
    let run = run.and(tracking::SecondWeights::subscriber(scales.clone()));
    let run = Running::start(run.and(tracking::ThirdWeights::subscriber(scales)));
    let publisher = (*courier(&bus)).clone().content_mode(mode);
    let published = publisher.publish(third("p-1", 2.5)).await.expect("stored");
    assert_eq!(published.sequence, Some(3), "the event comes behind its copies");
    let mut taken = [next(&mut seen).await, next(&mut seen).await, next(&mut seen).await];
    taken.sort_by_key(|one| one.taken);
    let expected = [(1, (1, 0)), (2, (2, 1)), (3, (3, 0))];
    assert_eq!(taken, expected.map(|(taken, version)| weighed(taken, "p-1", 2.5, version)));
    let report = settled(run, &bus, &[FIRST, SECOND, THIRD]).await;
    assert_eq!((report.handled, report.skipped, report.dead_lettered), (3, 6, 0));
    assert!(seen.try_recv().is_err(), "a fact was handled twice");
}

async fn enqueued_events_have_copies_too(bus: Tidings) {
    let (scales, mut seen) = Scales::new();
    let run = Running::start(bus.run(tracking::FirstWeights::subscriber(scales)));
    let mut receipts = Vec::new();
    for number in 0..20 {
        let event = third("p-1", f64::from(number));
        receipts.push(courier(&bus).parcel_measured(event).enqueue().await.expect("sent"));
    }
    for (number, receipt) in (1..).zip(receipts) {
        assert_eq!(receipt.await.expect("stored").sequence, Some(3 * number));
    }
    let mut kilograms = Vec::new();
    for _ in 0..20 {
        kilograms.push(next(&mut seen).await.kilograms);
    }
    kilograms.sort_by(f64::total_cmp);
    assert_eq!(kilograms, (0..20).map(f64::from).collect::<Vec<_>>());
    let report = settled(run, &bus, &[FIRST]).await;
    assert_eq!((report.handled, report.skipped), (20, 40));
}

async fn a_copy_of_a_duplicate_is_a_duplicate(bus: Tidings) {
    let publisher = courier(&bus);
    let first = publisher.parcel_measured(third("p-1", 1.0)).id("same").await.expect("stored");
    let second = publisher.parcel_measured(third("p-1", 1.0)).id("same").await.expect("stored");
    assert!(!first.duplicate && second.duplicate);
    let lag = bus.lag(FIRST).await.expect("a consumer");
    assert_eq!(lag.pending, 3, "three messages, and not one more");
}

async fn a_conflict_keeps_the_copies_away_too(bus: Tidings) {
    let publisher = courier(&bus);
    let first = publisher.parcel_measured(third("p-1", 1.0)).expect_last_sequence(0).await;
    let last = first.expect("stored").sequence.expect("a sequence");
    let late = publisher.parcel_measured(third("p-1", 2.0)).expect_last_sequence(0).await;
    assert!(matches!(late, Err(PublishError::Conflict { last: 3, .. })), "{late:?}");
    let late = publisher.parcel_measured(third("p-1", 2.0)).expect_last_sequence(1).enqueue().await;
    let late = late.expect("sent").await;
    assert!(matches!(late, Err(PublishError::Conflict { last: 3, .. })), "{late:?}");
    assert_eq!(bus.lag(FIRST).await.expect("a consumer").pending, 3, "nothing was added");
    let next = publisher.parcel_measured(third("p-1", 2.0)).expect_last_sequence(last);
    let next = next.enqueue().await.expect("sent").await.expect("the expected one");
    assert_eq!(next.sequence, Some(6));
}

async fn what_is_stored_in_part_says_so_and_is_completed(bus: Tidings) {
    let publisher = courier(&bus);
    // Only the newest version has room for a photo, and the server has none for this one.
    let photo = Some("x".repeat(2 << 20));
    let large = v3::ParcelMeasured { photo, ..third("p-1", 1.0) };
    let error = publisher.parcel_measured(large.clone()).id("one").await.expect_err("too large");
    assert!(matches!(error, PublishError::Incomplete { .. }) && error.is_unknown(), "{error:?}");
    let receipt = publisher.parcel_measured(large).id("one").enqueue().await.expect("begun");
    let error = receipt.await.expect_err("too large");
    assert!(matches!(error, PublishError::Incomplete { .. }), "{error:?}");
    assert_eq!(bus.lag(FIRST).await.expect("a consumer").pending, 2, "its copies");
    let whole = publisher.parcel_measured(third("p-1", 1.0)).id("one").await.expect("stored");
    assert_eq!((whole.sequence, whole.duplicate), (Some(3), false));
}

async fn a_newer_minor_version_is_read_and_kept_whole(bus: Tidings) {
    let (scales, mut seen) = Scales::new();
    let run = Running::start(bus.run(tracking::SecondWeights::subscriber(scales)));
    let publisher = courier(&bus);
    let event = |note: &str| NewerMinor {
        parcel_id: "p-1".to_owned(),
        kilograms: 1.5,
        scale: "digital".to_owned(),
        note: note.to_owned(),
        operator: "Grace".to_owned(),
    };
    publisher.publish(event("dry")).await.expect("stored");
    assert_eq!(next(&mut seen).await, weighed(2, "p-1", 1.5, (2, 3)));
    publisher.publish(event("unreadable")).await.expect("stored");
    let letter = only_letter(&bus).await;
    assert_eq!(letter.reason, Some(Reason::Rejected));
    let body: serde_json::Value =
        serde_json::from_slice(letter.raw_payload()).expect("the original");
    assert_eq!(body["data"]["operator"], "Grace", "what the service does not know is kept");
    assert_eq!(run.stop().await.handled, 1);
}

async fn a_newer_major_version_is_refused(bus: Tidings) {
    let (scales, _seen) = Scales::new();
    let run = Running::start(bus.run(tracking::SecondWeights::subscriber(scales)));
    courier(&bus).publish(Ninth { parcel_id: "p-9".to_owned() }).await.expect("stored");
    let letter = only_letter(&bus).await;
    assert_eq!((letter.reason, letter.attempts), (Some(Reason::OtherVersion), 3));
    run.stop().await;
}

async fn an_unknown_newer_version_beside_the_own_is_skipped(bus: Tidings) {
    let (scales, mut seen) = Scales::new();
    let run = Running::start(bus.run(tracking::SecondWeights::subscriber(scales)));
    courier(&bus).publish(NinthAndSecond { parcel_id: "p-9".to_owned() }).await.expect("stored");
    // Version 2 has a copy of its own.
    assert_eq!(next(&mut seen).await, weighed(2, "p-9", 9.0, (2, 1)));
    let report = settled(run, &bus, &[SECOND]).await;
    assert_eq!((report.handled, report.skipped, report.dead_lettered), (1, 2, 0));
}

async fn an_unknown_newer_version_beside_an_older_one_is_skipped(bus: Tidings) {
    let (scales, mut seen) = Scales::new();
    let run = Running::start(bus.run(tracking::ThirdWeights::subscriber(scales)));
    courier(&bus).publish(NinthAndSecond { parcel_id: "p-9".to_owned() }).await.expect("stored");
    assert_eq!(next(&mut seen).await, weighed(3, "p-9", 9.0, (2, 1)), "upcast from version 2");
    let report = settled(run, &bus, &[THIRD]).await;
    assert_eq!((report.handled, report.skipped, report.dead_lettered), (1, 2, 0));
}

async fn of_unknown_versions_one_is_a_dead_letter(bus: Tidings) {
    let (scales, _seen) = Scales::new();
    let run = Running::start(bus.run(tracking::FirstWeights::subscriber(scales)));
    courier(&bus).publish(NinthAndEighth { parcel_id: "p-9".to_owned() }).await.expect("stored");
    let letter = only_letter(&bus).await;
    assert_eq!(letter.reason, Some(Reason::OtherVersion));
    assert!(letter.error.contains("9.0"), "the newest one: {}", letter.error);
    let report = settled(run, &bus, &[FIRST]).await;
    assert_eq!((report.handled, report.skipped, report.dead_lettered), (0, 1, 1));
}

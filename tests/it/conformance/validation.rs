use serde::{Deserialize, Serialize};
use tidings::{Event, Handled, PublishError, Reason, Reject, Tidings, event_handler};
use tokio::sync::mpsc;

use super::on_both_brokers;
use crate::fixture::catalog::parcels::ParcelWeighed;
use crate::fixture::catalog::{CATALOG, scales, tariff};
use crate::fixture::{PATIENCE, Running, until};

on_both_brokers!(
    what_breaks_its_schema_is_not_published,
    what_breaks_its_schema_is_not_enqueued,
    a_service_may_publish_unchecked,
    what_breaks_its_schema_is_a_dead_letter_where_it_is_checked,
    what_keeps_its_schema_is_handled_where_it_is_checked,
    what_breaks_its_schema_is_handled_where_it_is_not_checked,
    a_follow_up_that_breaks_its_schema_fails_its_handler,
    a_type_of_ones_own_is_checked_too,
);

/// Reports the weights that it is handed.
#[derive(Clone)]
struct Till(mpsc::UnboundedSender<u64>);

impl Till {
    fn new() -> (Self, mpsc::UnboundedReceiver<u64>) {
        let (report, weights) = mpsc::unbounded_channel();
        (Self(report), weights)
    }

    fn take(&self, event: &ParcelWeighed) -> Handled {
        self.0.send(event.grams)?;
        Ok(())
    }
}

#[event_handler]
impl tariff::Strict for Till {
    async fn parcel_weighed(&self, event: ParcelWeighed, _cx: &tariff::Context) -> Handled {
        self.take(&event)
    }
}

#[event_handler]
impl tariff::Lenient for Till {
    async fn parcel_weighed(&self, event: ParcelWeighed, _cx: &tariff::Context) -> Handled {
        self.take(&event)
    }
}

fn weighed(grams: u64) -> ParcelWeighed {
    ParcelWeighed {
        parcel_id: "p-1".to_owned(),
        grams,
        notes: vec!["dented".to_owned()],
        weigher: None,
    }
}

/// Breaks three constraints.
fn broken() -> ParcelWeighed {
    ParcelWeighed {
        grams: 30_001,
        notes: vec!["wet".to_owned(), String::new()],
        weigher: Some("grace of the second floor".to_owned()),
        ..weighed(1)
    }
}

fn checked(bus: &Tidings) -> tariff::Publisher {
    tariff::Publisher::new(bus).organization("acme")
}

fn unchecked(bus: &Tidings) -> scales::Publisher {
    scales::Publisher::new(bus).organization("acme")
}

async fn what_breaks_its_schema_is_not_published(bus: Tidings) {
    let error = checked(&bus).parcel_weighed(broken()).await.expect_err("it is broken");
    let PublishError::Invalid(invalid) = &error else { panic!("{error:?}") };
    assert_eq!(invalid.event_type(), "parcels.parcel.weighed");
    let found: Vec<_> =
        invalid.violations().iter().map(|one| (one.pointer.as_str(), one.keyword)).collect();
    assert_eq!(found, [("/grams", "maximum"), ("/notes/1", "minLength"), ("/weigher", "format")]);
    let words = error.to_string();
    assert!(words.contains("`/grams`: found 30001, where `maximum` is 30000"), "{words}");
    assert!(!words.contains("grace"), "personal data is not told: {words}");
    assert!(!error.is_unknown());
    let heaviest = checked(&bus).parcel_weighed(weighed(30_000)).await.expect("stored");
    assert_eq!(heaviest.sequence, Some(1), "nothing came before it");
}

async fn what_breaks_its_schema_is_not_enqueued(bus: Tidings) {
    let refused = checked(&bus).parcel_weighed(broken()).enqueue().await;
    assert!(matches!(refused, Err(PublishError::Invalid(_))), "{refused:?}");
    let receipt = checked(&bus).parcel_weighed(weighed(1)).enqueue().await.expect("sent");
    assert_eq!(receipt.await.expect("stored").sequence, Some(1), "nothing came before it");
}

async fn a_service_may_publish_unchecked(bus: Tidings) {
    let published = unchecked(&bus).parcel_weighed(broken()).await.expect("its own business");
    assert_eq!(published.sequence, Some(1));
}

async fn what_breaks_its_schema_is_a_dead_letter_where_it_is_checked(bus: Tidings) {
    let (till, mut weights) = Till::new();
    let run = Running::start(bus.run(tariff::Strict::subscriber(till)));
    let published = unchecked(&bus).parcel_weighed(broken()).await.expect("unchecked");
    unchecked(&bus).parcel_weighed(weighed(2)).await.expect("unchecked");
    assert_eq!(next(&mut weights).await, 2, "only what keeps its schema is handled");
    until("a dead letter", async || !letters(&bus).await.is_empty()).await;
    let letter = letters(&bus).await.remove(0);
    assert_eq!((letter.reason, letter.attempts), (Some(Reason::Invalid), 1), "tried once");
    assert_eq!(letter.event_id, Some(published.id));
    for pointer in ["`/grams`", "`/notes/1`", "`/weigher`"] {
        assert!(letter.error.contains(pointer), "{pointer}: {}", letter.error);
    }
    assert!(!letter.error.contains("grace"), "{}", letter.error);
    let report = run.stop().await;
    assert_eq!((report.handled, report.retried, report.dead_lettered), (1, 0, 1));
}

async fn what_keeps_its_schema_is_handled_where_it_is_checked(bus: Tidings) {
    let (till, mut weights) = Till::new();
    let run = Running::start(bus.run(tariff::Strict::subscriber(till)));
    checked(&bus).parcel_weighed(weighed(1)).await.expect("stored");
    assert_eq!(next(&mut weights).await, 1);
    assert_eq!(run.stop().await.handled, 1);
}

async fn what_breaks_its_schema_is_handled_where_it_is_not_checked(bus: Tidings) {
    let (till, mut weights) = Till::new();
    let run = Running::start(bus.run(tariff::Lenient::subscriber(till)));
    unchecked(&bus).parcel_weighed(broken()).await.expect("unchecked");
    assert_eq!(next(&mut weights).await, 30_001);
    assert_eq!(run.stop().await.handled, 1);
    assert!(letters(&bus).await.is_empty());
}

async fn a_follow_up_that_breaks_its_schema_fails_its_handler(bus: Tidings) {
    #[event_handler(tariff::lenient)]
    async fn again(event: ParcelWeighed, cx: tariff::Context) -> Handled {
        if let Err(error) = cx.publish(ParcelWeighed { grams: 0, ..event }).await {
            return Err(Reject::because(error))?;
        }
        Ok(())
    }
    let handlers = tariff::lenient::Handlers { parcel_weighed: again };
    let run = Running::start(bus.run(handlers.subscriber()));
    checked(&bus).parcel_weighed(weighed(1)).await.expect("stored");
    until("a dead letter", async || !letters(&bus).await.is_empty()).await;
    let letter = letters(&bus).await.remove(0);
    assert_eq!(letter.reason, Some(Reason::Rejected));
    assert!(letter.error.contains("`/grams`: found 0, where `minimum` is 1"), "{}", letter.error);
    assert_eq!(run.stop().await.dead_lettered, 1);
}

/// The same with a weight of one's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(ParcelWeighed)]
struct Weighed {
    parcel_id: String,
    #[serde(rename = "grams")]
    weight: Weight,
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weigher: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Weight(u64);

async fn a_type_of_ones_own_is_checked_too(bus: Tidings) {
    let own = |parcel: &str, grams| Weighed {
        parcel_id: parcel.to_owned(),
        weight: Weight(grams),
        notes: Vec::new(),
        weigher: None,
    };
    let refused = checked(&bus).publish(own("parcel 1", 0)).await.expect_err("it is broken");
    let PublishError::Invalid(invalid) = refused else { panic!("{refused:?}") };
    let pointers: Vec<&str> = invalid.violations().iter().map(|one| &*one.pointer).collect();
    assert_eq!(pointers, ["/parcel_id", "/grams"]);
    checked(&bus).publish(own("p-1", 1)).await.expect("stored");

    #[event_handler(tariff::strict)]
    async fn take(_event: Weighed) -> Handled {
        Ok(())
    }
    unchecked(&bus).publish(own("p-2", 0)).await.expect("unchecked");
    let handlers = tariff::strict::Handlers { parcel_weighed: take };
    let run = Running::start(bus.run(handlers.subscriber()));
    until("a dead letter", async || !letters(&bus).await.is_empty()).await;
    let letter = letters(&bus).await.remove(0);
    assert_eq!(letter.reason, Some(Reason::Invalid));
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (1, 1));
}

async fn letters(bus: &Tidings) -> Vec<tidings::DeadLetter> {
    bus.dead_letters(&CATALOG).all().await.expect("a stream of dead letters")
}

async fn next(weights: &mut mpsc::UnboundedReceiver<u64>) -> u64 {
    let weight = tokio::time::timeout(PATIENCE, weights.recv()).await;
    weight.expect("a delivery in time").expect("the handler lives")
}

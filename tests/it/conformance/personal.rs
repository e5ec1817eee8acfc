use serde::{Deserialize, Serialize};
use tidings::{
    DeadLetter, Event, EventSpec, Handled, InvalidToken, PublishError, PublishedBy, Reason, Reject,
    Subject, Subscription as _, Tidings, event_handler,
};

use super::on_both_brokers;
use crate::fixture::catalog::parcels::ParcelWeighed;
use crate::fixture::catalog::{CATALOG, tariff};
use crate::fixture::{Running, until};

on_both_brokers!(
    what_a_handler_says_of_people_is_not_in_its_dead_letter,
    what_does_not_fit_is_refused_without_its_values,
    what_cannot_be_read_is_a_dead_letter_without_its_values,
);

const WEIGHER: &str = "grace@example.com";

/// Rejects what it weighs, and says whose fault it was.
struct Gossip;

#[event_handler]
impl tariff::Lenient for Gossip {
    async fn parcel_weighed(&self, event: ParcelWeighed, _cx: &tariff::Context) -> Handled {
        let cause = std::io::Error::other(format!("{:?} cannot read a scale", event.weigher));
        Err(Reject::because(cause))?
    }
}

fn weighed() -> ParcelWeighed {
    let notes = vec!["dented".to_owned()];
    ParcelWeighed {
        parcel_id: "p-1".to_owned(),
        grams: 7,
        notes,
        weigher: Some(WEIGHER.to_owned()),
    }
}

async fn letters(bus: &Tidings) -> Vec<DeadLetter> {
    bus.dead_letters(&CATALOG).all().await.expect("readable")
}

async fn what_a_handler_says_of_people_is_not_in_its_dead_letter(bus: Tidings) {
    let run = Running::start(bus.run(tariff::Lenient::subscriber(Gossip)));
    let publisher = tariff::Publisher::new(&bus).organization("acme");
    publisher.parcel_weighed(weighed()).await.expect("stored");
    until("a dead letter", async || !letters(&bus).await.is_empty()).await;
    let letter = letters(&bus).await.remove(0);
    assert_eq!((letter.reason, run.stop().await.dead_lettered), (Some(Reason::Rejected), 1));
    assert_eq!(letter.error, "Some(\"<redacted>\") cannot read a scale");
    let payload: serde_json::Value =
        serde_json::from_str(&letter.payload_redacted()).expect("JSON");
    assert_eq!((&payload["weigher"], &payload["grams"]), (&"<redacted>".into(), &7.into()));
    for shown in [format!("{letter:?}"), format!("{letter:#?}"), letter.to_string()] {
        assert!(
            !shown.contains(WEIGHER) && shown.contains("p-1") | shown.contains("scale"),
            "{shown}"
        );
    }
    let raw = String::from_utf8(letter.raw_payload().to_vec()).expect("text");
    assert!(raw.contains(WEIGHER), "the original, byte for byte: {raw}");
}

/// Grams in words, which the catalog's type does not read.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Unfit {
    parcel_id: String,
    grams: String,
    notes: Vec<String>,
    weigher: Option<String>,
}

fn unfit() -> Unfit {
    let (parcel_id, notes) = ("p-1".to_owned(), Vec::new());
    let grams = format!("{WEIGHER}, expected 7");
    Unfit { parcel_id, grams, notes, weigher: Some(WEIGHER.to_owned()) }
}

/// The same, of somebody who does not look what the catalog says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Unchecked(Unfit);

macro_rules! weighed {
    ($event:ty, $contract:ty) => {
        impl Event for $event {
            type Contract = $contract;

            const SPEC: &'static EventSpec = ParcelWeighed::SPEC;

            fn subject(&self) -> Result<Subject, InvalidToken> {
                Ok(Subject::from_catalog(ParcelWeighed::SPEC.filter))
            }

            fn key(&self) -> Option<String> {
                None
            }
        }
    };
}

weighed!(Unfit, ParcelWeighed);
weighed!(Unchecked, Self);

impl PublishedBy<tariff::Service> for Unchecked {}

async fn what_does_not_fit_is_refused_without_its_values(bus: Tidings) {
    let publisher = tariff::Publisher::new(&bus).organization("acme");
    let error = publisher.publish(unfit()).await.expect_err("grams are a number");
    let PublishError::Encode { source, .. } = &error else { panic!("{error:?}") };
    assert_eq!(source.to_string(), "invalid type: string (not shown), expected u64");
    assert!(!format!("{error:?}").contains(WEIGHER), "{error:?}");
}

async fn what_cannot_be_read_is_a_dead_letter_without_its_values(bus: Tidings) {
    let run = Running::start(bus.run(tariff::Lenient::subscriber(Gossip)));
    let publisher = tariff::Publisher::new(&bus).organization("acme");
    publisher.publish(Unchecked(unfit())).await.expect("stored");
    until("a dead letter", async || !letters(&bus).await.is_empty()).await;
    let letter = letters(&bus).await.remove(0);
    assert_eq!((letter.reason, run.stop().await.dead_lettered), (Some(Reason::Undecodable), 1));
    let words = "invalid type: string (not shown), expected u64";
    assert!(letter.error.contains(words), "{letter}");
    // What is in the wrong place is not known to be personal, and the listing is only of what is in the right one.
    assert!(!letter.error.contains(WEIGHER), "{letter}");
    let replayed = bus.replay(tariff::lenient::Subscription::SPEC);
    let error = replayed.to(tariff::Lenient::subscriber(Gossip)).await.expect_err("the same");
    assert!(!format!("{error:?}").contains(WEIGHER), "{error:?}");
}

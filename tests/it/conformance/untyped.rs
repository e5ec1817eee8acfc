//! Events whose types nobody knows: published, handled and read as JSON.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tidings::{
    Arrival, Envelope, Event as _, PublishError, Reject, Service as _, Subscriber,
    Subscription as _, Text, Tidings, Untyped, Version,
};
use tokio::sync::mpsc;

use super::bulk::too_old;
use super::on_both_brokers;
use crate::fixture::catalog::parcels::{ParcelSent, ParcelWeighed, v1, v2, v3};
use crate::fixture::catalog::{self, CATALOG, tracking};
use crate::fixture::{Running, courier, next, sent};

on_both_brokers!(
    what_is_published_untyped_is_what_its_service_would_have_sent,
    copies_in_older_versions_are_those_of_the_service,
    an_untyped_event_needs_what_every_event_needs,
    an_untyped_load_is_what_its_service_would_have_loaded,
    an_untyped_handler_takes_whatever_comes,
    an_untyped_handler_fails_like_any_other,
    a_payload_is_shown_where_the_catalog_knows_all_of_it,
);

/// Everything that the stream of parcels holds.
async fn stored(bus: &Tidings) -> Vec<(Arrival, Value)> {
    let events = Mutex::new(Vec::new());
    let stream = CATALOG.stream("PARCELS_EVENTS").expect("a stream");
    let reading = bus.replay(stream).each_untyped(|arrival, payload| {
        let payload = serde_json::from_str(&payload).expect("JSON");
        events.lock().expect("no panic").push((arrival, payload));
        std::future::ready(Ok(()))
    });
    reading.await.expect("replayed");
    events.into_inner().expect("no panic")
}

async fn what_is_published_untyped_is_what_its_service_would_have_sent(bus: Tidings) {
    let time = "2026-01-15T10:00:00Z".parse().expect("a time");
    let typed = courier(&bus).parcel_sent(sent("p-1", 7)).time(time).await.expect("stored");
    let payload = json!({ "parcel_id": "p-1", "step": 7 });
    let untyped = Untyped::new(ParcelSent::SPEC, payload).key("p-1");
    let publish = bus.publish_untyped(catalog::courier::Service::SPEC, untyped);
    let untyped = publish.organization("acme").time(time).await.expect("stored");
    assert_eq!((typed.stream, untyped.stream), ("PARCELS_EVENTS", "PARCELS_EVENTS"));
    assert_eq!((typed.sequence, untyped.sequence), (Some(1), Some(2)));
    let [(first, one), (second, other)] = &stored(&bus).await[..] else { panic!("two events") };
    assert_eq!((one, &first.subject), (other, &second.subject));
    let without_ids = |arrival: &Arrival| {
        let mut envelope = arrival.envelope.clone();
        (envelope.id, envelope.correlation_id) = (Text::default(), None);
        envelope
    };
    assert_eq!(without_ids(first), without_ids(second));
    assert_eq!(second.envelope.id, untyped.id);
}

async fn copies_in_older_versions_are_those_of_the_service(bus: Tidings) {
    let older = |spec, payload| Untyped::new(spec, payload).key("p-1");
    let weight = json!({ "amount": 2.5, "unit": "kg" });
    let event = older(v3::ParcelMeasured::SPEC, json!({ "parcel_id": "p-1", "weight": weight }));
    let second = json!({ "parcel_id": "p-1", "kilograms": 2.5, "scale": "digital" });
    let event = event.beside(older(v2::ParcelMeasured::SPEC, second));
    let event = event.beside(older(
        v1::ParcelMeasured::SPEC,
        json!({ "parcel_id": "p-1", "weight": 2.5, "scale": "new" }),
    ));
    let publish = bus.publish_untyped(catalog::courier::Service::SPEC, event).id("m-1");
    let published = publish.organization("acme").await.expect("stored");
    assert_eq!(published.sequence, Some(3), "the event comes behind its copies");

    let weight = v3::ParcelMeasuredWeight { amount: 2.5, unit: v3::ParcelMeasuredWeightUnit::Kg };
    let same = v3::ParcelMeasured { parcel_id: "p-1".into(), weight, note: None, photo: None };
    let again = courier(&bus).parcel_measured(same).id("m-1").await.expect("known");
    assert!(again.duplicate, "{again:?}");
    let events = stored(&bus).await;
    let versions: Vec<_> = events.iter().map(|(one, _)| one.envelope.schema_version).collect();
    assert_eq!(versions, [(1, 0), (2, 1), (3, 0)].map(|(a, b)| Some(Version::new(a, b))));
    assert!(events.iter().all(|(one, _)| one.envelope.majors == [1, 2, 3]), "{events:?}");
}

async fn an_untyped_event_needs_what_every_event_needs(bus: Tidings) {
    let event = || Untyped::new(ParcelSent::SPEC, json!({ "parcel_id": "p-1", "step": 7 }));
    let publish = || bus.publish_untyped(catalog::courier::Service::SPEC, event());
    let nobody = publish().await.expect_err("no organization");
    assert!(matches!(nobody, PublishError::NoOrganization { .. }), "{nobody:?}");
    let wild = publish().organization("*").await.expect_err("a wildcard");
    assert!(matches!(wild, PublishError::Subject(_)), "{wild:?}");
    let id = publish().organization("acme").id("").await.expect_err("no id");
    assert!(matches!(id, PublishError::Id { .. }), "{id:?}");
    assert!(stored(&bus).await.is_empty());
    let receipt = publish().organization("acme").enqueue().await.expect("sent");
    assert_eq!(receipt.await.expect("stored").sequence, Some(1));
}

async fn an_untyped_load_is_what_its_service_would_have_loaded(bus: Tidings) {
    let service = catalog::courier::Service::SPEC;
    let event = |step| Untyped::new(ParcelSent::SPEC, json!({ "parcel_id": "p-1", "step": step }));
    let publish = |step: u64| bus.publish_untyped(service, event(step).key("p-1"));
    let mut load = bus.bulk_untyped(service);
    let nobody = load.add_untyped(publish(0)).await.expect_err("no organization");
    assert!(!nobody.is_end(), "{nobody:?}");
    for step in 0..3 {
        let added = load.add_untyped(publish(step).organization("acme")).await;
        if too_old(&added) {
            return;
        }
        added.expect("added");
    }
    // Among others of the same stream.
    load.add(courier(&bus).parcel_sent(sent("p-1", 3))).await.expect("added");
    let loaded = load.finish().await.expect("stored");
    assert_eq!((loaded.events, loaded.last_sequence), (4, Some(4)));
    let events = stored(&bus).await;
    let [(first, _), .., (last, _)] = &events[..] else { panic!("{events:?}") };
    for (step, (arrival, payload)) in events.iter().enumerate() {
        assert_eq!(
            (payload, &arrival.subject),
            (&json!({ "parcel_id": "p-1", "step": step }), &last.subject)
        );
    }
    let shared = |arrival: &Arrival| {
        let mut envelope = arrival.envelope.clone();
        (envelope.id, envelope.correlation_id) = (Text::default(), None);
        envelope.time = last.envelope.time;
        envelope
    };
    assert_eq!(shared(first), shared(last));
}

async fn an_untyped_handler_takes_whatever_comes(bus: Tidings) {
    let (report, mut seen) = mpsc::unbounded_channel::<(Envelope, String)>();
    let handler = move |envelope, payload| {
        let reported = report.send((envelope, payload));
        std::future::ready(reported.map_err(Into::into))
    };
    let (service, spec) = (tracking::Service::SPEC, tracking::journey::Subscription::SPEC);
    let run = Running::start(bus.run(Subscriber::untyped(service, spec, handler)));
    let published = courier(&bus).parcel_sent(sent("p-1", 7)).await.expect("stored");
    let (envelope, payload) = next(&mut seen).await;
    assert_eq!(envelope.id, published.id);
    let payload: Value = serde_json::from_str(&payload).expect("JSON");
    assert_eq!(payload, json!({ "parcel_id": "p-1", "step": 7 }));
    // Of a type that the catalog does not know for this subscription.
    let foreign = Untyped::new(ParcelSent::SPEC, json!({ "anything": [1] }));
    let publish = bus.publish_untyped(catalog::courier::Service::SPEC, foreign);
    publish.organization("acme").await.expect("stored");
    assert_eq!(next(&mut seen).await.1, "{\"anything\":[1]}");
    assert_eq!(run.stop().await.handled, 2);
}

async fn an_untyped_handler_fails_like_any_other(bus: Tidings) {
    let calls = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&calls);
    let handler = move |_, _| {
        *counted.lock().expect("no panic") += 1;
        async { Err(Reject::because("not today"))? }
    };
    let (service, spec) = (tracking::Service::SPEC, tracking::journey::Subscription::SPEC);
    let run = Running::start(bus.run(Subscriber::untyped(service, spec, handler)));
    courier(&bus).parcel_sent(sent("p-1", 7)).await.expect("stored");
    let letter = super::dead_letters::only_letter(&bus).await;
    assert_eq!((letter.error.as_str(), letter.attempts), ("not today", 1));
    assert_eq!(letter.organization_id.as_deref(), Some("acme"));
    assert_eq!((run.stop().await.dead_lettered, *calls.lock().expect("no panic")), (1, 1));
}

async fn a_payload_is_shown_where_the_catalog_knows_all_of_it(bus: Tidings) {
    let payload = json!({ "parcel_id": "p-1", "grams": 7, "notes": [], "weigher": "a@b.example" });
    let event = Untyped::new(ParcelWeighed::SPEC, payload);
    let publish = bus.publish_untyped(catalog::scales::Service::SPEC, event);
    publish.organization("acme").await.expect("stored");
    let (arrival, payload) = stored(&bus).await.remove(0);
    let payload = payload.to_string();
    let mut envelope = arrival.envelope;
    let shown = CATALOG.shown(&envelope, &payload).expect("known");
    assert_eq!((&shown["weigher"], &shown["grams"]), (&"<redacted>".into(), &7.into()));
    for (version, why) in [
        (Some(Version::new(1, 9)), "a newer minor version may have more"),
        (Some(Version::new(2, 0)), "so may a newer major one"),
        (None, "nobody knows"),
    ] {
        envelope.schema_version = version;
        assert_eq!(CATALOG.shown(&envelope, &payload), None, "{why}");
    }
    assert_eq!(CATALOG.shown(&envelope, "7"), None, "no object");
}

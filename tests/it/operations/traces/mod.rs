//! One trace from the publisher through a handler to what follows, in what a collector is sent.

mod collector;
mod sampling;
mod watched;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tidings::otlp::Otlp;
use tidings::testing::NatsServer;
use tidings::{Handled, Subscription as _, Tidings, event_handler};
use tracing::Instrument as _;
use tracing_subscriber::prelude::*;

use self::collector::collector;
use crate::fixture::catalog::{CATALOG, courier, parcels, tracking};
use crate::fixture::{Running, sent};

/// Reports every parcel as lost.
struct Pessimist;

#[event_handler]
impl tracking::Patient for Pessimist {
    async fn parcel_sent(&self, event: parcels::ParcelSent, cx: &tracking::Context) -> Handled {
        cx.publish(parcels::ParcelLost { parcel_id: event.parcel_id }).await?;
        Ok(())
    }
}

struct Searcher;

#[event_handler]
impl courier::Search for Searcher {
    async fn parcel_lost(&self, _: parcels::ParcelLost, cx: &courier::Context) -> Handled {
        match cx.attempt() {
            1 => Err(std::io::Error::other("where is it?"))?,
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn a_trace_spans_publisher_handler_and_what_follows_on_the_embedded_broker() {
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    a_trace_spans_publisher_handler_and_what_follows(bus).await;
}

#[tokio::test]
async fn a_trace_spans_publisher_handler_and_what_follows_on_a_server() {
    let server = NatsServer::start().await.expect("a server");
    let bus = crate::server::connect(&server).await;
    a_trace_spans_publisher_handler_and_what_follows(bus).await;
}

async fn a_trace_spans_publisher_handler_and_what_follows(bus: Tidings) {
    let (received, endpoint) = collector().await;
    let otlp = Otlp::to("tests", &endpoint).expect("set up");
    // One thread, so that this subscriber sees everything and nobody else's spans.
    let subscriber = tracing_subscriber::registry().with(otlp.layer());
    let subscribed = tracing::subscriber::set_default(subscriber);

    let run = bus
        .run(tracking::Patient::subscriber(Pessimist))
        .and(courier::Search::subscriber(Searcher));
    let run = Running::start(run);
    let checkout = tracing::info_span!("checkout");
    let publisher = crate::fixture::courier(&bus);
    publisher
        .parcel_sent(sent("p-secret", 7))
        .into_future()
        .instrument(checkout)
        .await
        .expect("stored");
    bus.idle(tracking::patient::Subscription::SPEC).await.expect("idle");
    bus.idle(courier::search::Subscription::SPEC).await.expect("idle");
    run.stop().await;
    drop(subscribed);
    otlp.shutdown().await;

    let spans = received.spans.lock().expect("alive").clone();
    let named =
        |name: &str| -> Vec<&Span> { spans.iter().filter(|span| span.name == name).collect() };
    let one = |name: &str| {
        let found = named(name);
        assert_eq!(
            found.len(),
            1,
            "{name} of {:?}",
            spans.iter().map(|span| &span.name).collect::<Vec<_>>()
        );
        found[0]
    };
    let chain = [
        one("checkout"),
        one("publish parcels.parcel.sent"),
        one("process parcels.parcel.sent"),
        one("publish parcels.parcel.lost"),
    ];
    for pair in chain.windows(2) {
        assert_eq!(
            pair[0].span_id, pair[1].parent_span_id,
            "{} is in {}",
            pair[1].name, pair[0].name
        );
        assert_eq!(pair[0].trace_id, pair[1].trace_id);
    }
    // The first attempt failed; both are of the same publish.
    let searches = named("process parcels.parcel.lost");
    assert_eq!(searches.len(), 2);
    assert!(searches.iter().all(|search| search.parent_span_id == chain[3].span_id));
    let codes: BTreeSet<i32> = searches
        .iter()
        .map(|search| search.status.as_ref().map_or(0, |status| status.code))
        .collect();
    assert_eq!(codes, BTreeSet::from([0, 2]), "one is an error");

    assert_eq!((chain[1].kind(), chain[2].kind()), (SpanKind::Producer, SpanKind::Consumer));
    for (span, name, value) in [
        (chain[1], "messaging.system", "nats"),
        (chain[1], "messaging.operation.type", "send"),
        (chain[1], "messaging.destination.name", "PARCELS_EVENTS"),
        (chain[1], "tidings.outcome", "stored"),
        (chain[2], "messaging.operation.type", "process"),
        (chain[2], "messaging.consumer.group.name", "tracking-patient"),
        (chain[2], "tidings.outcome", "handled"),
        (chain[3], "tidings.service", "tracking"),
    ] {
        assert_eq!(attribute(span, name).as_deref(), Some(value), "{name} of {}", span.name);
    }
    assert_eq!(
        attribute(chain[1], "messaging.message.id"),
        attribute(chain[2], "messaging.message.id")
    );
    let settled = one("ack tracking-patient");
    assert_eq!(settled.parent_span_id, chain[2].span_id);
    assert_eq!(named("nak courier-search").len(), 1);
    let everything = format!("{spans:?}");
    assert!(!everything.contains("p-secret"), "a payload's value is in a trace");

    let metrics = received.metrics.lock().expect("alive").clone();
    for name in [
        "messaging.client.operation.duration",
        "messaging.client.sent.messages",
        "messaging.client.consumed.messages",
        "messaging.process.duration",
    ] {
        assert!(metrics.contains(name), "{name}: {metrics:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_load_is_one_span_whatever_is_in_it() {
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let (received, endpoint) = collector().await;
    let otlp = Otlp::to("tests", &endpoint).expect("set up");
    let subscriber = tracing_subscriber::registry().with(otlp.layer());
    let subscribed = tracing::subscriber::set_default(subscriber);
    let publisher = crate::fixture::courier(&bus);
    let mut load = publisher.bulk();
    for step in 0..20 {
        load.add(publisher.parcel_sent(sent("p-1", step))).await.expect("added");
    }
    load.finish().await.expect("stored");
    let parents = Arc::new(Mutex::new(BTreeSet::new()));
    let replay = bus.replay(tracking::patient::Subscription::SPEC);
    let read = replay.each_untyped(|event, _| {
        parents
            .lock()
            .expect("alive")
            .insert(event.envelope.trace_parent.as_deref().map(str::to_owned));
        std::future::ready(Ok(()))
    });
    assert_eq!(read.await.expect("read").events, 20);
    drop(subscribed);
    otlp.shutdown().await;
    let spans = received.spans.lock().expect("alive").clone();
    let published: Vec<&Span> =
        spans.iter().filter(|span| span.kind() == SpanKind::Producer).collect();
    let [span] = published.as_slice() else { panic!("{published:#?}") };
    assert_eq!(span.name, "load PARCELS_EVENTS");
    assert_eq!(attribute(span, "tidings.outcome").as_deref(), Some("stored"));
    let count = attribute(span, "messaging.batch.message_count").expect("how many");
    assert!(count.contains("20"), "{count}");
    // Each event leads back to it.
    let parents: Vec<String> = parents.lock().expect("alive").iter().flatten().cloned().collect();
    let [parent] = parents.as_slice() else { panic!("{parents:?}") };
    let id: String = span.span_id.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(parent.contains(&id), "{parent} is not {id}");
}

#[tokio::test(start_paused = true)]
async fn a_layer_that_somebody_else_has_set_up_is_as_good() {
    for activates in [true, false] {
        let provider = SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOff).build();
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("own"))
            .with_context_activation(activates);
        let subscriber = tracing_subscriber::registry().with(layer);
        let subscribed = tracing::subscriber::set_default(subscriber);
        let bus = Tidings::embedded();
        bus.ensure(&CATALOG).await.expect("the catalog fits");
        let trace = "000000000000000000000000000000ff";
        let given = format!("00-{trace}-00f067aa0ba902b7-01");
        let stored = sampling::published_and_handled(&bus, [Some(given.clone()), None]).await;
        drop(subscribed);
        let [of_given, root] = stored.as_slice() else { panic!("{stored:?}") };
        for [sent, lost] in [of_given, root] {
            assert_eq!(sampling::told(sent), sampling::told(lost));
            assert!(!sampling::told(sent).1, "the sampler of that layer decides");
            // Each has a span of its own.
            assert_ne!(sent.trace_parent, lost.trace_parent);
            assert_ne!(sent.trace_parent.as_deref(), Some(given.as_str()));
        }
        assert_eq!(sampling::told(&of_given[0]).0, trace);
        assert_ne!(sampling::told(&root[0]).0, trace);
    }
}

fn attribute(span: &Span, name: &str) -> Option<String> {
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    let found = span.attributes.iter().find(|attribute| attribute.key == name)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        other => Some(format!("{other:?}")),
    }
}

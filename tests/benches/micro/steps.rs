//! The steps: each does one thing once.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use event_catalog::execution::{PurchaseOrderCreated, PurchaseOrderReceived};
use event_catalog::orders::{OrderCreated, OrderStatusChanged};
use event_catalog::payments::PaymentProcessed;
use event_catalog::user::{UserCreated, UserUpdated};
use serde::de::DeserializeOwned;
use tidings::__private::SubscriberBuilder;
use tidings::testing::{example, steps};
use tidings::{ContentMode, Event, Handled, Subscriber, Tidings, Timestamp};
use tidings_tests::catalog::parcels::{self, ParcelArrived, ParcelSent};
use tidings_tests::catalog::{CATALOG, courier, tracking};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

use crate::Outcome;

/// Events that are handled in one step.
const HANDLED: usize = 100;

/// One thing that is measured.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn FnMut() -> Outcome>,
}

/// Does it once: what does not work is not measured.
fn step<T>(name: &'static str, mut work: impl FnMut() -> Outcome<T> + 'static) -> Outcome<Step> {
    let mut run: Box<dyn FnMut() -> Outcome> = Box::new(move || {
        black_box(work()?);
        Ok(())
    });
    run().map_err(|error| format!("{name}: {error}"))?;
    Ok(Step { name, run })
}

/// Every step, in the order in which an event goes through them.
pub(crate) fn all() -> Outcome<Vec<Step>> {
    let mut steps = Vec::new();
    steps.extend(payloads()?);
    steps.extend(envelopes(
        ContentMode::Structured,
        [
            "envelope, structured: write",
            "headers, structured: for the client library",
            "envelope, structured: read",
        ],
    )?);
    steps.extend(envelopes(
        ContentMode::Binary,
        [
            "envelope, binary: write",
            "headers, binary: for the client library",
            "envelope, binary: read",
        ],
    )?);
    steps.push(routing()?);
    steps.extend(versions()?);
    steps.extend(whole_ways()?);
    Ok(steps)
}

fn payloads() -> Outcome<Vec<Step>> {
    let order: OrderCreated = example();
    let json = serde_json::to_vec(&order)?;
    let (written, checked, placed) = (order.clone(), order.clone(), order);
    let user: UserCreated = example();
    Ok(vec![
        step("subject and key of an order", move || Ok((placed.subject()?, placed.key())))?,
        step("check an order", move || Ok(black_box(&checked).validate()?))?,
        step("check a user", move || Ok(black_box(&user).validate()?))?,
        step("payload of an order: write", move || Ok(serde_json::to_vec(black_box(&written))?))?,
        step("payload of an order: read", move || {
            Ok(serde_json::from_slice::<OrderCreated>(black_box(&json))?)
        })?,
    ])
}

/// Writing an event, mapping its headers to the client library's, and reading it.
fn envelopes(mode: ContentMode, names: [&'static str; 3]) -> Outcome<Vec<Step>> {
    let [write, map_headers, read] = names;
    let (event, time): (ParcelSent, Timestamp) = (example(), "2026-03-02T09:14:07.25Z".parse()?);
    let (headers, body) = steps::write(mode, time, &event)?;
    let sent = steps::Sent::new::<ParcelSent>(headers);
    let map = sent.header_map()?;
    let received = steps::received(map);
    Ok(vec![
        step(write, move || Ok(steps::write(mode, time, black_box(&event))?))?,
        step(map_headers, move || Ok(black_box(&sent).header_map()?))?,
        step(read, move || Ok(steps::read(black_box(&received), black_box(&body))?))?,
    ])
}

fn routing() -> Outcome<Step> {
    let subscriber = SubscriberBuilder::<tracking::journey::Subscription, ()>::new(())
        .on::<OrderCreated>(|_, _, _| Box::pin(async { Ok(()) }))
        .on::<OrderStatusChanged>(|_, _, _| Box::pin(async { Ok(()) }))
        .on::<PaymentProcessed>(|_, _, _| Box::pin(async { Ok(()) }))
        .on::<PurchaseOrderCreated>(|_, _, _| Box::pin(async { Ok(()) }))
        .on::<PurchaseOrderReceived>(|_, _, _| Box::pin(async { Ok(()) }))
        .on::<UserUpdated>(|_, _, _| Box::pin(async { Ok(()) }))
        .on::<ParcelArrived>(|_, _, _| Box::pin(async { Ok(()) }))
        .on::<ParcelSent>(|_, _, _| Box::pin(async { Ok(()) }))
        .build();
    let (headers, body) =
        steps::write(ContentMode::Structured, Timestamp::now(), &example::<ParcelSent>())?;
    let envelope = steps::read(&headers, &body)?;
    step("route to the last of eight handlers", move || {
        match steps::routed(black_box(&subscriber), black_box(&envelope)) {
            true => Ok(()),
            false => Err("no handler takes it".into()),
        }
    })
}

#[allow(deprecated, reason = "old versions are what upcasts begin with")]
fn versions() -> Outcome<Vec<Step>> {
    use event_catalog::orders::v1 as old_orders;

    Ok(vec![
        upcast::<parcels::v1::ParcelMeasured, parcels::v2::ParcelMeasured>(
            "older version, converted as declared: read",
        )?,
        upcast::<old_orders::OrderCreated, OrderCreated>("older version, converted in Rust: read")?,
    ])
}

/// As a subscription does it.
fn upcast<Old: Event, New: Event + DeserializeOwned>(name: &'static str) -> Outcome<Step> {
    let json = *Old::SPEC.examples.first().ok_or("an example")?;
    step(name, move || {
        let old = serde_json::from_str(black_box(json))?;
        let new = New::SPEC.upcast(Old::SPEC.version, old)?;
        Ok(serde_json::from_str::<New>(&new.to_string())?)
    })
}

/// Through the whole runtime, on one thread and the embedded broker.
fn whole_ways() -> Outcome<Vec<Step>> {
    let (runtime, bus) = embedded()?;
    let publish = step("publish, embedded broker", move || {
        let publisher = courier::Publisher::new(&bus).organization("acme");
        Ok(runtime.block_on(publisher.parcel_sent(example()).into_future())?)
    })?;
    let (runtime, bus) = embedded()?;
    let handle = step("publish and handle a hundred, embedded broker", move || {
        let publisher = courier::Publisher::new(&bus).organization("acme");
        runtime.block_on(async {
            for _ in 0..HANDLED {
                publisher.parcel_sent(example()).await?;
            }
            let over = Arc::new(Notify::new());
            let handler = Countdown { left: AtomicUsize::new(HANDLED), over: Arc::clone(&over) };
            let report = bus.run(subscriber(handler)).until(over.notified()).await?;
            match report.handled == HANDLED as u64 && report.is_clean() {
                true => Ok(()),
                false => Err(format!("{HANDLED} should have been handled: {report:?}").into()),
            }
        })
    })?;
    Ok(vec![publish, handle])
}

fn embedded() -> Outcome<(Runtime, Tidings)> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let bus = runtime.block_on(async {
        let bus = Tidings::embedded();
        bus.ensure(&CATALOG).await?;
        Outcome::Ok(bus)
    })?;
    Ok((runtime, bus))
}

/// Tells when all events have come.
struct Countdown {
    left: AtomicUsize,
    over: Arc<Notify>,
}

impl Countdown {
    async fn parcel_sent(&self, event: ParcelSent) -> Handled {
        black_box(event);
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.over.notify_one();
        }
        Ok(())
    }
}

fn subscriber(handler: Countdown) -> Subscriber {
    SubscriberBuilder::<tracking::journey::Subscription, Countdown>::new(handler)
        .on::<ParcelSent>(|handler, event, _| Box::pin(handler.parcel_sent(event)))
        .build()
}

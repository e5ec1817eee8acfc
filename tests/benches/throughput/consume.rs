//! Consuming what a stream holds: typed handlers of the runtime, beside a loop over bare async-nats.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::PullConsumer;
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde::Deserialize;
use tidings::__private::SubscriberBuilder;
use tidings::catalog::{Catalog, Subscription, SubscriptionSpec};
use tidings::{Event as _, Handled, Subscriber, Tidings};
use tidings_tests::catalog::parcels::ParcelSent;
use tidings_tests::catalog::tracking;
use tokio::sync::Notify;

use crate::Outcome;
use crate::measure::{Case, Meter, Plan, Sample, in_turns, on_runtime};
use crate::publish;
use crate::stage::{Stage, topology};

/// What the catalog says where a subscription says nothing.
pub(crate) const DEFAULT: usize = 16;
/// What a busy subscription may say.
pub(crate) const BUSY: usize = 256;

#[derive(Clone, Copy)]
enum Program {
    Acknowledged,
    Confirmed,
    Default,
    Busy,
    Unconfirmed,
}

pub(crate) async fn stored(stage: &Stage, plan: &Plan) -> Outcome<Case> {
    let events = plan.streamed;
    stage.clear().await?;
    publish::enqueued(&stage.bus, &stage.meter, events).await?;
    stage.holds(events).await?;
    let programs = [
        ("async-nats, ack", Program::Acknowledged),
        ("async-nats, double_ack, 256 at once", Program::Confirmed),
        ("tidings, 16 at once", Program::Default),
        ("tidings, 256 at once", Program::Busy),
        ("tidings, 256 at once, unconfirmed", Program::Unconfirmed),
    ];
    in_turns("consume and settle", plan, &programs, async |program| {
        let _ = stage.stream().await?.delete_consumer(DURABLE).await;
        stage.bus.ensure(&AtOnce::<BUSY>::topology()).await?;
        match program {
            Program::Acknowledged => acknowledged(stage, events).await,
            Program::Confirmed => confirmed(stage, events).await,
            Program::Default => handled::<DEFAULT>(&stage.bus, &stage.meter, events, true).await,
            Program::Busy => handled::<BUSY>(&stage.bus, &stage.meter, events, true).await,
            Program::Unconfirmed => handled::<BUSY>(&stage.bus, &stage.meter, events, false).await,
        }
    })
    .await
}

pub(crate) const DURABLE: &str = "tracking-bench";

/// A subscription of the fixture catalog, with another number of deliveries handled at once.
pub(crate) enum AtOnce<const N: usize> {}

impl<const N: usize> Subscription for AtOnce<N> {
    type Service = tracking::Service;

    const SPEC: &'static SubscriptionSpec = &SubscriptionSpec {
        name: "bench",
        durable: DURABLE,
        filters: &[ParcelSent::SPEC.filter],
        concurrency: N,
        ..*tracking::journey::Subscription::SPEC
    };
}

impl<const N: usize> AtOnce<N> {
    const ALONE: &'static [&'static SubscriptionSpec] = &[Self::SPEC];

    pub(crate) fn topology() -> Catalog {
        topology(Self::ALONE)
    }
}

/// What the generated code does for a subscription that the catalog names.
fn subscriber<S: Subscription<Service = tracking::Service>>(handler: Countdown) -> Subscriber {
    SubscriberBuilder::<S, Countdown>::new(handler)
        .on::<ParcelSent>(|handler, event, _| Box::pin(handler.parcel_sent(event)))
        .build()
}

/// A handler that does nothing, and tells when it has done so for every event.
#[derive(Clone)]
struct Countdown {
    left: Arc<AtomicUsize>,
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

/// From the start of the run to its orderly end, every acknowledgement confirmed.
pub(crate) async fn handled<const N: usize>(
    bus: &Tidings,
    meter: &Meter,
    events: usize,
    confirmed: bool,
) -> Outcome<Sample> {
    handled_as::<AtOnce<N>>(bus, meter, events, confirmed).await
}

/// The same as another subscription with this durable.
pub(crate) async fn handled_as<S: Subscription<Service = tracking::Service>>(
    bus: &Tidings,
    meter: &Meter,
    events: usize,
    confirmed: bool,
) -> Outcome<Sample> {
    let over = Arc::new(Notify::new());
    let handler = Countdown { left: Arc::new(AtomicUsize::new(events)), over: Arc::clone(&over) };
    let (run, meter) = (bus.run(subscriber::<S>(handler)), meter.clone());
    let run = if confirmed { run } else { run.unconfirmed() };
    on_runtime(async move {
        let started = meter.start();
        let report = run.until(over.notified()).await?;
        let sample = started.stop(events);
        if report.handled == events as u64 && report.is_clean() {
            Ok(sample)
        } else {
            Err(format!("{events} events should have been handled: {report:?}").into())
        }
    })
    .await
}

/// What a service without the runtime would read.
#[derive(Deserialize)]
pub(crate) struct CloudEvent {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    organizationid: String,
    data: ParcelSent,
}

impl CloudEvent {
    pub(crate) fn read(body: &[u8]) -> Outcome {
        let Self { id, event_type, organizationid, data } = serde_json::from_slice(body)?;
        black_box((id, event_type, organizationid, data));
        Ok(())
    }
}

/// The loop of async-nats' documentation: one after the other, acknowledgements not confirmed but the last.
async fn acknowledged(stage: &Stage, events: usize) -> Outcome<Sample> {
    let consumer: PullConsumer = stage.stream().await?.get_consumer(DURABLE).await?;
    let (own, meter) = (consumer.clone(), stage.meter.clone());
    let sample = on_runtime(async move {
        let started = meter.start();
        let mut messages = own.messages().await?;
        for left in (0..events).rev() {
            let message = messages.next().await.ok_or("the stream of messages ended")??;
            CloudEvent::read(&message.payload)?;
            if left > 0 {
                message.ack().await?;
            } else {
                // The server takes them in order: with this one it has all.
                message.double_ack().await?;
            }
        }
        Ok(started.stop(events))
    });
    let sample = sample.await?;
    all_settled(consumer).await?;
    Ok(sample)
}

/// The same promise as the runtime's: every acknowledgement confirmed, so many handled at once.
async fn confirmed(stage: &Stage, events: usize) -> Outcome<Sample> {
    let consumer: PullConsumer = stage.stream().await?.get_consumer(DURABLE).await?;
    let (own, meter) = (consumer.clone(), stage.meter.clone());
    let sample = on_runtime(async move {
        let started = meter.start();
        let messages = own.messages().await?.take(events).map_err(Into::into);
        let settle = |message: Message| async move {
            CloudEvent::read(&message.payload)?;
            message.double_ack().await
        };
        messages.try_for_each_concurrent(BUSY, settle).await?;
        Ok(started.stop(events))
    });
    let sample = sample.await?;
    all_settled(consumer).await?;
    Ok(sample)
}

async fn all_settled(mut consumer: PullConsumer) -> Outcome {
    let info = consumer.info().await?;
    match (info.num_pending, info.num_ack_pending) {
        (0, 0) => Ok(()),
        (pending, unsettled) => {
            Err(format!("{pending} events are left and {unsettled} not settled").into())
        }
    }
}

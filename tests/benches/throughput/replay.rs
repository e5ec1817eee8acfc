//! Reading a stream from its beginning: the runtime's replay, beside async-nats' ordered consumer.

use std::hint::black_box;

use async_nats::jetstream::consumer::pull::OrderedConfig;
use futures_util::StreamExt as _;
use tidings::{Handled, Subscription as _};
use tidings_tests::catalog::parcels::{ParcelArrived, ParcelSent};
use tidings_tests::catalog::tracking;

use crate::Outcome;
use crate::consume::CloudEvent;
use crate::measure::{Case, Plan, Sample, in_turns, on_runtime};
use crate::publish;
use crate::stage::Stage;

#[derive(Clone, Copy)]
enum Program {
    Ordered,
    Handler,
    File,
}

pub(crate) async fn all(stage: &Stage, plan: &Plan) -> Outcome<Case> {
    let events = plan.streamed;
    stage.clear().await?;
    publish::enqueued(&stage.bus, &stage.meter, events).await?;
    stage.holds(events).await?;
    let programs = [
        ("async-nats, ordered consumer", Program::Ordered),
        ("tidings, to a handler", Program::Handler),
        ("tidings, to a file", Program::File),
    ];
    in_turns("replay", plan, &programs, async |program| match program {
        Program::Ordered => ordered(stage, events).await,
        Program::Handler => replayed(stage, events, false).await,
        Program::File => replayed(stage, events, true).await,
    })
    .await
}

/// A handler that does nothing.
struct Nothing;

impl tracking::Journey for Nothing {
    async fn parcel_sent(&self, event: ParcelSent, _: &tracking::Context) -> Handled {
        black_box(event);
        Ok(())
    }

    async fn parcel_arrived(&self, event: ParcelArrived, _: &tracking::Context) -> Handled {
        black_box(event);
        Ok(())
    }
}

async fn replayed(stage: &Stage, events: usize, to_file: bool) -> Outcome<Sample> {
    let (replay, meter) =
        (stage.bus.replay(tracking::journey::Subscription::SPEC), stage.meter.clone());
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.jsonl");
    on_runtime(async move {
        let started = meter.start();
        let replayed = match to_file {
            true => replay.to_file(path).await?,
            false => replay.to(tracking::Journey::subscriber(Nothing)).await?,
        };
        let sample = started.stop(events);
        match replayed.events == events as u64 {
            true => Ok(sample),
            false => Err(format!("{events} events should have come: {replayed:?}").into()),
        }
    })
    .await
}

async fn ordered(stage: &Stage, events: usize) -> Outcome<Sample> {
    let (stream, meter) = (stage.stream().await?, stage.meter.clone());
    on_runtime(async move {
        let started = meter.start();
        let consumer = stream.create_consumer(OrderedConfig::default()).await?;
        let mut messages = consumer.messages().await?;
        for _ in 0..events {
            let message = messages.next().await.ok_or("the stream of messages ended")??;
            CloudEvent::read(&message.payload)?;
        }
        Ok(started.stop(events))
    })
    .await
}

//! Publishing: a typed event through the runtime, beside the same bytes through bare async-nats.

use std::collections::VecDeque;

use async_nats::jetstream::Context;
use tidings::{Tidings, Uuid};
use tidings_tests::catalog::parcels::subjects;

use crate::measure::{Case, Meter, Plan, Sample, in_turns, on_runtime};
use crate::stage::{Stage, Template, event, publisher};
use crate::{Outcome, raw};

/// How many events are on their way at once in a pipeline: as many as the runtime allows.
pub(crate) const WINDOW: usize = 1024;

#[derive(Clone, Copy)]
enum Program {
    Bare,
    Tidings,
    Raw,
}

const PROGRAMS: [(&str, Program); 3] = [
    ("async-nats", Program::Bare),
    ("tidings", Program::Tidings),
    ("a socket and nothing else", Program::Raw),
];

pub(crate) async fn one_by_one(stage: &Stage, plan: &Plan) -> Outcome<Case> {
    let events = plan.awaited;
    in_turns("publish, each awaited", plan, &PROGRAMS, async |program| {
        stage.clear().await?;
        let sample = match program {
            Program::Bare => bare_one_by_one(stage, events).await?,
            Program::Tidings => awaited(&stage.bus, &stage.meter, events).await?,
            Program::Raw => raw::pipelined(stage, events, 1).await?,
        };
        stage.holds(events).await?;
        Ok(sample)
    })
    .await
}

pub(crate) async fn pipelined(stage: &Stage, plan: &Plan) -> Outcome<Case> {
    let events = plan.streamed;
    in_turns("publish, 1,024 on their way", plan, &PROGRAMS, async |program| {
        stage.clear().await?;
        let sample = match program {
            Program::Bare => bare_pipelined(stage, events, WINDOW).await?,
            Program::Tidings => enqueued(&stage.bus, &stage.meter, events).await?,
            Program::Raw => raw::pipelined(stage, events, WINDOW).await?,
        };
        stage.holds(events).await?;
        Ok(sample)
    })
    .await
}

/// Publishes events through the runtime, one after the other.
pub(crate) async fn awaited(bus: &Tidings, meter: &Meter, events: usize) -> Outcome<Sample> {
    let (publisher, meter) = (publisher(bus), meter.clone());
    on_runtime(async move {
        let started = meter.start();
        for index in 0..events {
            publisher.parcel_sent(event(index)).await?;
        }
        Ok(started.stop(events))
    })
    .await
}

/// Publishes events through the runtime, with receipts awaited as late as possible.
pub(crate) async fn enqueued(bus: &Tidings, meter: &Meter, events: usize) -> Outcome<Sample> {
    let (publisher, meter) = (publisher(bus), meter.clone());
    on_runtime(async move {
        let mut receipts = VecDeque::with_capacity(WINDOW);
        let started = meter.start();
        for index in 0..events {
            if receipts.len() == WINDOW
                && let Some(receipt) = receipts.pop_front()
            {
                receipt.await?;
            }
            receipts.push_back(publisher.parcel_sent(event(index)).enqueue().await?);
        }
        for receipt in receipts {
            receipt.await?;
        }
        Ok(started.stop(events))
    })
    .await
}

async fn bare_one_by_one(stage: &Stage, events: usize) -> Outcome<Sample> {
    let Bare { context, template, meter, ids } = Bare::new(stage, events);
    on_runtime(async move {
        let started = meter.start();
        for id in &ids {
            let message = template.message(id);
            context.send_publish(subjects::PARCEL_SENT, message).await?.await?;
        }
        Ok(started.stop(events))
    })
    .await
}

/// The same bytes, with so many on their way at once.
pub(crate) async fn bare_pipelined(stage: &Stage, events: usize, window: usize) -> Outcome<Sample> {
    let Bare { context, template, meter, ids } = Bare::new(stage, events);
    on_runtime(async move {
        let mut acknowledgements = VecDeque::with_capacity(window);
        let started = meter.start();
        for id in &ids {
            if acknowledgements.len() == window
                && let Some(acknowledgement) = acknowledgements.pop_front()
            {
                acknowledgement.await?;
            }
            let message = template.message(id);
            acknowledgements.push_back(context.send_publish(subjects::PARCEL_SENT, message).await?);
        }
        for acknowledgement in acknowledgements {
            acknowledgement.await?;
        }
        Ok(started.stop(events))
    })
    .await
}

/// What the bare program takes along to its thread, prepared so that only publishing is timed.
struct Bare {
    context: Context,
    template: Template,
    meter: Meter,
    ids: Vec<String>,
}

impl Bare {
    fn new(stage: &Stage, events: usize) -> Self {
        // As long as those of the runtime.
        let ids = (0..events).map(|_| Uuid::now_v7().to_string()).collect();
        let (context, template) = (stage.bare.clone(), stage.template.clone());
        Self { context, template, meter: stage.meter.clone(), ids }
    }
}

//! Batches that are stored all or not at all, beside events that are published each for itself.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::Outcome;
use crate::measure::{Case, Plan, Sample, in_turns, on_runtime};
use crate::publish;
use crate::stage::{Stage, event, publisher};

/// As many as the server takes.
const TOGETHER: usize = 1000;

#[derive(Clone, Copy)]
enum Program {
    EachForItself,
    /// With so many batches on their way.
    Together(usize),
}

pub(crate) async fn batches(stage: &Stage, plan: &Plan) -> Outcome<Case> {
    let events = plan.streamed;
    let programs = [
        ("each for itself", Program::EachForItself),
        ("1,000 in a batch", Program::Together(1)),
        ("1,000 in a batch, 4 on their way", Program::Together(4)),
    ];
    in_turns("publish, all or nothing", plan, &programs, async |program| {
        stage.clear().await?;
        let sample = match program {
            Program::EachForItself => publish::enqueued(&stage.bus, &stage.meter, events).await?,
            Program::Together(batches) => together(stage, events, batches).await?,
        };
        stage.holds(events).await?;
        Ok(sample)
    })
    .await
}

async fn together(stage: &Stage, events: usize, at_once: usize) -> Outcome<Sample> {
    let (publisher, meter) = (publisher(&stage.bus), stage.meter.clone());
    on_runtime(async move {
        let started = meter.start();
        let batches = (0..events).step_by(TOGETHER).map(|first| {
            let mut batch = publisher.atomically();
            for index in first..events.min(first + TOGETHER) {
                batch = batch.add(publisher.parcel_sent(event(index)));
            }
            batch.into_future()
        });
        stream::iter(batches).buffered(at_once).try_for_each(async |_| Ok(())).await?;
        Ok(started.stop(events))
    })
    .await
}

//! A server that syncs its disk before each word: events that are published each for itself, beside events that are stored together.

use futures_util::future::try_join_all;

use crate::Outcome;
use crate::measure::{Case, Plan, Sample, in_turns, on_runtime};
use crate::publish;
use crate::stage::{Stage, event, publisher};

/// How many wait for a word of their own at once.
const CALLERS: usize = 256;
/// Without groups, every event takes as long as the disk does.
const FEWER: usize = 20;

#[derive(Clone, Copy)]
enum Program {
    EachForItself,
    InGroups,
    Callers,
}

pub(crate) async fn to_disk(plan: &Plan) -> Outcome<Case> {
    let stage = Stage::syncing().await?;
    let programs = [
        ("each for itself", Program::EachForItself),
        ("in groups", Program::InGroups),
        ("in groups, 256 that each await", Program::Callers),
    ];
    in_turns("publish to a server that syncs", plan, &programs, async |program| {
        stage.clear().await?;
        stage.bus.set_group_commit(!matches!(program, Program::EachForItself));
        let events = match program {
            Program::EachForItself => plan.streamed / FEWER,
            Program::InGroups | Program::Callers => plan.streamed / CALLERS * CALLERS,
        };
        let sample = match program {
            Program::Callers => side_by_side(&stage, events).await?,
            _ => publish::enqueued(&stage.bus, &stage.meter, events).await?,
        };
        stage.holds(events).await?;
        Ok(sample)
    })
    .await
}

async fn side_by_side(stage: &Stage, events: usize) -> Outcome<Sample> {
    let (publisher, meter) = (publisher(&stage.bus), stage.meter.clone());
    on_runtime(async move {
        let started = meter.start();
        let callers = (0..CALLERS).map(|caller| {
            let publisher = publisher.clone();
            tokio::spawn(async move {
                for index in (caller..events).step_by(CALLERS) {
                    publisher.parcel_sent(event(index)).await?;
                }
                Ok::<_, tidings::PublishError>(())
            })
        });
        for caller in try_join_all(callers).await? {
            caller?;
        }
        Ok(started.stop(events))
    })
    .await
}

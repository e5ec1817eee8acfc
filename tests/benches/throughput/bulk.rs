//! Bulk loads, which leave out ids and single answers, beside what has both, and beside bare async-nats without ids.

use std::collections::VecDeque;

use tidings_tests::catalog::parcels::subjects;

use crate::Outcome;
use crate::measure::{Case, Plan, Sample, in_turns, on_runtime};
use crate::publish::{self, WINDOW};
use crate::stage::{Stage, event, publisher};

#[derive(Clone, Copy)]
enum Program {
    Enqueued,
    BareWithoutIds,
    Loaded,
}

pub(crate) async fn all(stage: &Stage, plan: &Plan) -> Outcome<Vec<Case>> {
    let own = [("enqueued, with ids", Program::Enqueued), ("loaded", Program::Loaded)];
    let bare = [("async-nats without ids", Program::BareWithoutIds), ("loaded", Program::Loaded)];
    Ok(vec![
        beside(stage, plan, "bulk load, beside enqueue", &own).await?,
        beside(stage, plan, "bulk load, beside the same bytes without ids", &bare).await?,
    ])
}

async fn beside(
    stage: &Stage,
    plan: &Plan,
    name: &'static str,
    programs: &[(&'static str, Program)],
) -> Outcome<Case> {
    let events = plan.streamed;
    in_turns(name, plan, programs, async |program| {
        stage.clear().await?;
        let sample = match program {
            Program::Enqueued => publish::enqueued(&stage.bus, &stage.meter, events).await?,
            Program::BareWithoutIds => bare(stage, events).await?,
            Program::Loaded => loaded(stage, events).await?,
        };
        stage.holds(events).await?;
        Ok(sample)
    })
    .await
}

async fn loaded(stage: &Stage, events: usize) -> Outcome<Sample> {
    let (publisher, meter) = (publisher(&stage.bus), stage.meter.clone());
    on_runtime(async move {
        let started = meter.start();
        let mut load = publisher.bulk();
        for index in 0..events {
            load.add(publisher.parcel_sent(event(index))).await?;
        }
        load.finish().await?;
        Ok(started.stop(events))
    })
    .await
}

async fn bare(stage: &Stage, events: usize) -> Outcome<Sample> {
    let (context, meter) = (stage.bare.clone(), stage.meter.clone());
    let message = stage.template.without_id();
    on_runtime(async move {
        let mut acknowledgements = VecDeque::with_capacity(WINDOW);
        let started = meter.start();
        for _ in 0..events {
            if acknowledgements.len() == WINDOW
                && let Some(acknowledgement) = acknowledgements.pop_front()
            {
                acknowledgement.await?;
            }
            let sent = context.send_publish(subjects::PARCEL_SENT, message.clone());
            acknowledgements.push_back(sent.await?);
        }
        for acknowledgement in acknowledgements {
            acknowledgement.await?;
        }
        Ok(started.stop(events))
    })
    .await
}

//! What the circuit breaker of a subscription costs while everything works.

use tidings::catalog::{Subscription, SubscriptionSpec};
use tidings_tests::catalog::tracking;

use crate::Outcome;
use crate::consume::{AtOnce, BUSY, DURABLE, handled, handled_as};
use crate::measure::{Case, Plan, in_turns};
use crate::publish;
use crate::stage::Stage;

/// What `breaker: off` makes of a subscription.
enum Without {}

impl Subscription for Without {
    type Service = tracking::Service;

    const SPEC: &'static SubscriptionSpec =
        &SubscriptionSpec { breaker: None, ..*AtOnce::<BUSY>::SPEC };
}

#[derive(Clone, Copy)]
enum Program {
    Off,
    On,
}

pub(crate) async fn closed(stage: &Stage, plan: &Plan) -> Outcome<Case> {
    let events = plan.streamed;
    stage.clear().await?;
    publish::enqueued(&stage.bus, &stage.meter, events).await?;
    stage.holds(events).await?;
    let programs = [("breaker off", Program::Off), ("breaker on", Program::On)];
    in_turns("consume, 256 at once", plan, &programs, async |program| {
        let _ = stage.stream().await?.delete_consumer(DURABLE).await;
        stage.bus.ensure(&AtOnce::<BUSY>::topology()).await?;
        match program {
            Program::Off => handled_as::<Without>(&stage.bus, &stage.meter, events, true).await,
            Program::On => handled::<BUSY>(&stage.bus, &stage.meter, events, true).await,
        }
    })
    .await
}

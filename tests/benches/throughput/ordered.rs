//! What order costs: events of a thousand keys, those of one key one after the other, beside no order at all.

use tidings::catalog::{Subscription, SubscriptionSpec};
use tidings_tests::catalog::tracking;

use crate::Outcome;
use crate::consume::{AtOnce, DURABLE, handled, handled_as};
use crate::measure::{Case, Plan, in_turns};
use crate::publish;
use crate::stage::Stage;

const LANES: usize = 64;

/// As many at once, and none overtakes another of its key.
enum InOrder {}

impl Subscription for InOrder {
    type Service = tracking::Service;

    const SPEC: &'static SubscriptionSpec =
        &SubscriptionSpec { ordered_by_key: true, ..*AtOnce::<LANES>::SPEC };
}

#[derive(Clone, Copy)]
enum Program {
    AsTheyCome,
    InOrder,
}

pub(crate) async fn by_key(stage: &Stage, plan: &Plan) -> Outcome<Case> {
    let events = plan.streamed;
    stage.clear().await?;
    publish::enqueued(&stage.bus, &stage.meter, events).await?;
    stage.holds(events).await?;
    let programs = [("as they come", Program::AsTheyCome), ("ordered by key", Program::InOrder)];
    in_turns("consume, 64 at once", plan, &programs, async |program| {
        let _ = stage.stream().await?.delete_consumer(DURABLE).await;
        stage.bus.ensure(&AtOnce::<LANES>::topology()).await?;
        match program {
            Program::AsTheyCome => handled::<LANES>(&stage.bus, &stage.meter, events, true).await,
            Program::InOrder => handled_as::<InOrder>(&stage.bus, &stage.meter, events, true).await,
        }
    })
    .await
}

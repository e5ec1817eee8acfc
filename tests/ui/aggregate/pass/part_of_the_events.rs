#![deny(warnings)]

use std::num::NonZeroU64;

use event_catalog::orders::{self, OrderCreated, OrderStatusChanged};
use serde::{Deserialize, Serialize};
use tidings::EventUnion;
use tidings::aggregate::{Aggregate, AppendError, Snapshot};
use tidings::kv::Bucket;

#[derive(EventUnion)]
enum OrderEvent {
    Created(Box<OrderCreated>),
    StatusChanged(OrderStatusChanged),
}

/// What is decided after the beginning.
#[derive(EventUnion)]
enum Step {
    StatusChanged(OrderStatusChanged),
}

impl From<Step> for OrderEvent {
    fn from(Step::StatusChanged(change): Step) -> Self {
        Self::StatusChanged(change)
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Order;

impl Aggregate for Order {
    type Kind = orders::aggregates::Order;
    type Event = OrderEvent;

    fn apply(&mut self, _: OrderEvent) {}
}

impl Snapshot for Order {
    const NAME: &'static str = "order";
    const VERSION: u32 = 1;
}

async fn advance(
    publisher: orders::Publisher,
    bucket: Bucket,
    step: Step,
) -> Result<(), AppendError> {
    let orders = publisher.aggregates::<Order>().snapshots(bucket, NonZeroU64::MIN);
    let mut order = orders.load("o-1").await.expect("readable");
    orders.append(&mut order, [step]).await?;
    Ok(())
}

pub fn main() {
    let _ = advance;
}

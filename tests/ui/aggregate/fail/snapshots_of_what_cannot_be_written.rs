use std::num::NonZeroU64;

use event_catalog::orders::{self, OrderCreated, OrderStatusChanged};
use tidings::EventUnion;
use tidings::aggregate::Aggregate;
use tidings::kv::Bucket;

#[derive(EventUnion)]
enum OrderEvent {
    Created(Box<OrderCreated>),
    StatusChanged(OrderStatusChanged),
}

#[derive(Default)]
struct Order;

impl Aggregate for Order {
    type Kind = orders::aggregates::Order;
    type Event = OrderEvent;

    fn apply(&mut self, _: OrderEvent) {}
}

fn written(publisher: &orders::Publisher, bucket: Bucket) {
    let _ = publisher.aggregates::<Order>().snapshots(bucket, NonZeroU64::MIN);
}

fn main() {
    let _ = written;
}

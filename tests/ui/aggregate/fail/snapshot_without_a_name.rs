use event_catalog::orders::{self, OrderCreated, OrderStatusChanged};
use serde::{Deserialize, Serialize};
use tidings::EventUnion;
use tidings::aggregate::{Aggregate, Snapshot};

#[derive(EventUnion)]
enum OrderEvent {
    Created(Box<OrderCreated>),
    StatusChanged(OrderStatusChanged),
}

#[derive(Default, Serialize, Deserialize)]
struct Order;

impl Aggregate for Order {
    type Kind = orders::aggregates::Order;
    type Event = OrderEvent;

    fn apply(&mut self, _: OrderEvent) {}
}

impl Snapshot for Order {
    const VERSION: u32 = 1;
}

fn main() {}

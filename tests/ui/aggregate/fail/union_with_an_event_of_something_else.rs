use event_catalog::orders::{self, OrderCreated, OrderStatusChanged};
use event_catalog::payments::PaymentProcessed;
use tidings::EventUnion;
use tidings::aggregate::Aggregate;

#[derive(EventUnion)]
enum OrderEvent {
    Created(Box<OrderCreated>),
    StatusChanged(OrderStatusChanged),
    Paid(Box<PaymentProcessed>),
}

#[derive(Default)]
struct Order;

impl Aggregate for Order {
    type Kind = orders::aggregates::Order;
    type Event = OrderEvent;

    fn apply(&mut self, _: OrderEvent) {}
}

fn main() {}

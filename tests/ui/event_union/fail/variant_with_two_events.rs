use event_catalog::orders::{OrderCreated, OrderStatusChanged};
use tidings::EventUnion;

#[derive(EventUnion)]
enum OrderEvent {
    Any(OrderCreated, OrderStatusChanged),
}

fn main() {}

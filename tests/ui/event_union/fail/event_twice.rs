use event_catalog::orders::OrderCreated;
use tidings::EventUnion;

#[derive(EventUnion)]
enum OrderEvent {
    Created(OrderCreated),
    Placed(OrderCreated),
}

fn main() {}

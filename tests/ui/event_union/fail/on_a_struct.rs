use event_catalog::orders::OrderCreated;
use tidings::EventUnion;

#[derive(EventUnion)]
struct OrderEvent(OrderCreated);

fn main() {}

use event_catalog::orders::OrderCreated;
use tidings::EventUnion;

#[derive(EventUnion)]
enum OrderEvent<T> {
    Created(OrderCreated),
    Other(T),
}

fn main() {}

use event_catalog::orders;
use serde::Serialize;
use tidings::Event;

#[derive(Event, Serialize)]
#[event(orders::OrderCreated)]
struct MyOrder {
    order_id: String,
}

fn main() {}

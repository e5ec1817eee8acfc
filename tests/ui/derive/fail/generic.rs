use event_catalog::orders;
use serde::{Deserialize, Serialize};
use tidings::Event;

#[derive(Event, Deserialize, Serialize)]
#[event(orders::OrderCreated)]
struct MyOrder<T> {
    order_id: T,
}

fn main() {}

use event_catalog::orders;
use serde::{Deserialize, Serialize};
use tidings::Event;

#[derive(Event, Deserialize, Serialize)]
#[event(orders::OrderCreate)]
struct MyOrder {
    order_id: String,
}

fn main() {}

use serde::{Deserialize, Serialize};
use tidings::Event;

#[derive(Event, Deserialize, Serialize)]
#[event("orders.order.created")]
struct MyOrder {
    order_id: String,
}

fn main() {}

#![deny(warnings)]

use event_catalog::orders;
use serde::{Deserialize, Serialize};
use tidings::Event;

#[derive(Event, Deserialize, Serialize)]
#[event(orders::v1::OrderCreated)]
#[allow(deprecated)]
struct Order {
    order_id: String,
}

pub fn main() {
    let _ = Order::SPEC;
}

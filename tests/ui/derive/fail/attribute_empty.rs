use serde::{Deserialize, Serialize};
use tidings::Event;

#[derive(Event, Deserialize, Serialize)]
#[event()]
struct MyOrder {
    order_id: String,
}

fn main() {}

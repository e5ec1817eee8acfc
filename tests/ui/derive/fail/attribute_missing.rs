use serde::{Deserialize, Serialize};
use tidings::Event;

#[derive(Event, Deserialize, Serialize)]
struct MyOrder {
    order_id: String,
}

fn main() {}

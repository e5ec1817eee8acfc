use serde::{Deserialize, Serialize};
use tidings::Event;

struct Placed;

#[derive(Event, Deserialize, Serialize)]
#[event(Placed)]
struct MyOrder {
    order_id: String,
}

fn main() {}

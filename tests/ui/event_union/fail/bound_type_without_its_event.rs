use event_catalog::inventory::InventoryAllocated;
use serde::{Deserialize, Serialize};
use tidings::{Event, EventUnion};

#[derive(Serialize, Deserialize, Event)]
#[event(InventoryAllocated)]
struct Allocated {
    order_id: tidings::Uuid,
}

#[derive(EventUnion)]
enum StockEvent {
    Allocated(Allocated),
}

fn main() {}

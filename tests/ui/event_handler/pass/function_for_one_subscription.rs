use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::{State, event_handler};

#[event_handler(inventory::allocation)]
async fn allocate(
    order: OrderCreated,
    cx: inventory::Context,
    State(shelves): State<u32>,
) -> Result<(), std::fmt::Error> {
    let _ = (order, cx, shelves);
    Err(std::fmt::Error)
}

pub fn main() {
    let _ = inventory::allocation::Handlers { order_created: allocate }.subscriber();
}

use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::{Handled, event_handler};

#[event_handler(inventory::allocation)]
async fn allocate(order: OrderCreated, shelves: u32) -> Handled {
    let _ = (order, shelves);
    Ok(())
}

fn main() {
    let _ = inventory::allocation::Handlers { order_created: allocate }.subscriber();
}

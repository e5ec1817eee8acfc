use event_catalog::orders::OrderCreated;
use tidings::{Handled, event_handler};

#[event_handler]
async fn allocate(order: OrderCreated, shelves: u32) -> Handled {
    let _ = (order, shelves);
    Ok(())
}

fn main() {}

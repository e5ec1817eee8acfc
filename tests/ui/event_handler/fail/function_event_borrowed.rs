use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::{Handled, event_handler};

#[event_handler]
async fn allocate(order: &OrderCreated) -> Handled {
    let _ = order;
    Ok(())
}

fn main() {
    let _ = inventory::allocation::Handlers { order_created: allocate }.subscriber();
}

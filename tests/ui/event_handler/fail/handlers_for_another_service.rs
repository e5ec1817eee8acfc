use event_catalog::orders::OrderCreated;
use event_catalog::{inventory, payments};
use tidings::{Handled, event_handler};

#[event_handler]
async fn allocate(order: OrderCreated, cx: payments::Context) -> Handled {
    let _ = (order, cx);
    Ok(())
}

fn main() {
    let _ = inventory::allocation::Handlers { order_created: allocate }.subscriber();
}

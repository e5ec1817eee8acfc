use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::event_handler;

struct OutOfStock;

#[event_handler]
async fn allocate(order: OrderCreated) -> Result<(), OutOfStock> {
    let _ = order;
    Err(OutOfStock)
}

fn main() {
    let _ = inventory::allocation::Handlers { order_created: allocate }.subscriber();
}

use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::event_handler;

#[event_handler]
async fn allocate(order: OrderCreated) -> Option<()> {
    let _ = order;
    Some(())
}

fn main() {
    let _ = inventory::allocation::Handlers { order_created: allocate }.subscriber();
}

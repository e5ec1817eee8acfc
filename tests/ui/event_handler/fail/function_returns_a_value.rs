use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::event_handler;

#[event_handler]
async fn allocate(order: OrderCreated) -> Result<u32, std::fmt::Error> {
    let _ = order;
    Ok(1)
}

fn main() {
    let _ = inventory::allocation::Handlers { order_created: allocate }.subscriber();
}

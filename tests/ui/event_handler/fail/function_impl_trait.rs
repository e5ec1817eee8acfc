use event_catalog::inventory;
use tidings::{Event, Handled, event_handler};

#[event_handler]
async fn allocate(order: impl Event) -> Handled {
    let _ = order;
    Ok(())
}

fn main() {
    let _ = inventory::allocation::Handlers { order_created: allocate }.subscriber();
}

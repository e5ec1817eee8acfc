use event_catalog::inventory;
use tidings::{Handled, event_handler};

struct OrderPlaced;

#[event_handler(inventory::allocation)]
async fn allocate(order: OrderPlaced) -> Handled {
    let _ = order;
    Ok(())
}

fn main() {}

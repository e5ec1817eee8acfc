use event_catalog::orders::{self, OrderCreated};
use tidings::{Handled, event_handler};

#[event_handler(orders::subjects)]
async fn allocate(order: OrderCreated) -> Handled {
    let _ = order;
    Ok(())
}

fn main() {}

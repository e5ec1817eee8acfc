use event_catalog::orders::OrderCreated;
use tidings::{Handled, event_handler};

#[event_handler]
async fn allocate(allocate: OrderCreated) -> Handled {
    let _ = allocate;
    Ok(())
}

fn main() {}

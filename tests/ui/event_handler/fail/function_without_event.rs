use event_catalog::inventory;
use tidings::{Handled, event_handler};

#[event_handler]
async fn allocate() -> Handled {
    Ok(())
}

fn main() {
    let _ = inventory::allocation::Handlers { order_created: allocate }.subscriber();
}

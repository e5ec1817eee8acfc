use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::{Handled, State, event_handler};

struct Shelves;

#[event_handler(inventory::allocation)]
async fn allocate(order: OrderCreated, State(shelves): State<Shelves>) -> Handled {
    let _ = (order, shelves);
    Ok(())
}

fn main() {
    let _ = inventory::allocation::Handlers { order_created: allocate }.subscriber();
}

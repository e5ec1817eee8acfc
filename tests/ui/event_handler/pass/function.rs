use event_catalog::inventory::{self, allocation};
use event_catalog::orders::OrderCreated;
use tidings::{Handled, State, event_handler};

#[derive(Clone)]
pub struct Shelves;

/// Finds a warehouse.
#[event_handler]
pub async fn allocate(
    mut order: OrderCreated,
    cx: inventory::Context,
    State(shelves): State<Shelves>,
) -> Handled {
    let moved = &mut order;
    let _ = (moved, cx, shelves);
    Ok(())
}

#[event_handler]
async fn ignore(_: OrderCreated) -> Handled {
    Ok(())
}

pub fn main() {
    let _ = allocation::Handlers { order_created: allocate }.subscriber();
    let _ = allocation::Handlers { order_created: ignore }.subscriber();
}

use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::{Handled, event_handler};

struct Warehouse;

#[event_handler(idempotent = "7d")]
impl inventory::Allocation for Warehouse {
    async fn order_created(&self, order: OrderCreated, cx: &inventory::Context) -> Handled {
        let _ = (order, cx);
        Ok(())
    }
}

#[event_handler(idempotent)]
async fn allocate(_: OrderCreated) -> Handled {
    Ok(())
}

fn main() {
    let _ = inventory::Allocation::subscriber(Warehouse);
    let _ = inventory::allocation::Handlers { order_created: allocate }.subscriber();
}

use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::{Handled, event_handler};

struct Warehouse;

#[event_handler]
impl inventory::Allocation for Warehouse {
    async fn order_created(&self, order: OrderCreated, cx: &inventory::Context) -> Handled {
        let _ = (order, cx);
        Ok(())
    }
}

pub fn main() {
    let _ = inventory::Allocation::subscriber(Warehouse);
}

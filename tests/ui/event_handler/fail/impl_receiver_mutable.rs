use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::{Handled, event_handler};

struct Warehouse {
    orders: u32,
}

#[event_handler]
impl inventory::Allocation for Warehouse {
    async fn order_created(&mut self, order: OrderCreated, cx: &inventory::Context) -> Handled {
        self.orders += 1;
        let _ = (order, cx);
        Ok(())
    }
}

fn main() {
    let _ = inventory::Allocation::subscriber(Warehouse { orders: 0 });
}

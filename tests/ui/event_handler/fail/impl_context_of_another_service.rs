use event_catalog::orders::OrderCreated;
use event_catalog::{inventory, payments};
use tidings::{Handled, event_handler};

struct Warehouse;

#[event_handler]
impl inventory::Allocation for Warehouse {
    async fn order_created(&self, order: OrderCreated, cx: &payments::Context) -> Handled {
        let _ = (order, cx);
        Ok(())
    }
}

fn main() {}

use event_catalog::inventory;
use tidings::{Handled, event_handler};

struct Warehouse;

#[event_handler]
impl inventory::Allocation for Warehouse {
    async fn order_created<E>(&self, order: E, cx: &inventory::Context) -> Handled {
        let _ = (order, cx);
        Ok(())
    }
}

fn main() {}

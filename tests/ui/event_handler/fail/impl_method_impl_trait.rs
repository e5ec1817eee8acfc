use event_catalog::inventory;
use tidings::{Event, Handled, event_handler};

struct Warehouse;

#[event_handler]
impl inventory::Allocation for Warehouse {
    async fn order_created(&self, order: impl Event, cx: &inventory::Context) -> Handled {
        let _ = (order, cx);
        Ok(())
    }
}

fn main() {}

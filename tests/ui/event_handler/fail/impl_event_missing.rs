use event_catalog::inventory;
use tidings::{Handled, event_handler};

struct Warehouse;

#[event_handler]
impl inventory::Allocation for Warehouse {
    async fn order_created(&self, cx: &inventory::Context) -> Handled {
        let _ = cx;
        Ok(())
    }
}

fn main() {}

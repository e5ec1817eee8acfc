use event_catalog::orders::OrderCreated;
use tidings::{Handled, event_handler};

struct Warehouse;

impl Warehouse {
    #[event_handler]
    async fn order_created(&self, order: OrderCreated) -> Handled {
        let _ = order;
        Ok(())
    }
}

fn main() {}

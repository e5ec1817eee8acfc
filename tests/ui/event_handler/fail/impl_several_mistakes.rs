use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::event_handler;

struct Warehouse;

#[event_handler]
impl inventory::Allocation for Warehouse {
    fn order_created(&mut self, order: &OrderCreated) {
        let _ = order;
    }
}

fn main() {
    let _ = inventory::Allocation::subscriber(Warehouse);
}

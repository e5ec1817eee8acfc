use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::event_handler;

struct Warehouse;

#[event_handler]
impl inventory::Allocation for Warehouse {
    async fn order_created(
        &self,
        order: OrderCreated,
        cx: &inventory::Context,
    ) -> Result<(), std::fmt::Error> {
        let _ = (order, cx);
        5
    }
}

fn main() {
    let _ = inventory::Allocation::subscriber(Warehouse);
}

use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::event_handler;

struct Warehouse;

struct OutOfStock;

#[event_handler]
impl inventory::Allocation for Warehouse {
    async fn order_created(
        &self,
        order: OrderCreated,
        cx: &inventory::Context,
    ) -> Result<(), OutOfStock> {
        let _ = (order, cx);
        Err(OutOfStock)
    }
}

fn main() {
    let _ = inventory::Allocation::subscriber(Warehouse);
}

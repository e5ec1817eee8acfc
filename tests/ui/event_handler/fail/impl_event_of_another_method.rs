use event_catalog::inventory;
use event_catalog::payments::PaymentProcessed;
use tidings::{Handled, event_handler};

struct Warehouse;

#[event_handler]
impl inventory::Allocation for Warehouse {
    async fn order_created(&self, payment: PaymentProcessed, cx: &inventory::Context) -> Handled {
        let _ = (payment, cx);
        Ok(())
    }
}

fn main() {}

use event_catalog::inventory;
use event_catalog::payments::PaymentProcessed;
use tidings::{Handled, event_handler};

#[event_handler]
async fn allocate(payment: PaymentProcessed) -> Handled {
    let _ = payment;
    Ok(())
}

fn main() {
    let _ = inventory::allocation::Handlers { order_created: allocate }.subscriber();
}

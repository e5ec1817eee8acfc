use event_catalog::orders::OrderCreated;
use event_catalog::payments::PaymentProcessed;
use tidings::{Handled, event_handler};

#[event_handler]
async fn allocate(order: OrderCreated, payment: PaymentProcessed) -> Handled {
    let _ = (order, payment);
    Ok(())
}

fn main() {}

#![deny(warnings)]

use event_catalog::analytics::order_book;
use event_catalog::orders::{OrderCreated, OrderStatusChanged};
use event_catalog::payments::PaymentProcessed;
use tidings::{EventUnion, Handled, event_handler};

#[derive(EventUnion)]
pub enum OrderEvent {
    Created(OrderCreated),
    Paid(PaymentProcessed),
}

/// Without a subscription's name: for any that receives some of the events.
#[event_handler]
async fn record(event: OrderEvent) -> Handled {
    let _ = event.spec();
    Ok(())
}

#[event_handler]
async fn ignore(_: OrderStatusChanged) -> Handled {
    Ok(())
}

pub fn main() {
    let handlers = order_book::Handlers { order_created: record, order_status_changed: ignore };
    let _ = handlers.subscriber();
}

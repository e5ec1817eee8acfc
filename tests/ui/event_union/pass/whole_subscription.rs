#![deny(warnings)]

use event_catalog::analytics::{self, order_book};
use event_catalog::orders::{OrderCreated, OrderStatusChanged};
use tidings::{EventUnion, Handled, State, event_handler};

#[derive(Debug, EventUnion)]
enum OrderEvent {
    Created(Box<OrderCreated>),
    StatusChanged(OrderStatusChanged),
}

#[event_handler(order_book)]
async fn record(event: OrderEvent, cx: analytics::Context, State(book): State<u32>) -> Handled {
    let _ = (event.key(), cx, book);
    Ok(())
}

pub fn main() {
    let _ = order_book::Handlers::all(record).subscriber();
}

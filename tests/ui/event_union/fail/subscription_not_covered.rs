use event_catalog::analytics::order_book;
use event_catalog::orders::OrderCreated;
use tidings::{EventUnion, Handled, event_handler};

#[derive(EventUnion)]
enum OrderEvent {
    Created(OrderCreated),
}

#[event_handler(order_book)]
async fn record(event: OrderEvent) -> Handled {
    let _ = event;
    Ok(())
}

fn main() {
    let _ = order_book::Handlers::all(record).subscriber();
}

use event_catalog::orders::OrderStatusChanged;
use tidings::EventUnion;

#[derive(EventUnion)]
enum OrderEvent {
    Created,
    StatusChanged(OrderStatusChanged),
}

fn main() {}

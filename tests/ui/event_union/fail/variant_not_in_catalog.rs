use event_catalog::orders::OrderStatusChanged;
use tidings::EventUnion;

struct OrderPlaced;

#[derive(EventUnion)]
enum OrderEvent {
    Placed(OrderPlaced),
    StatusChanged(OrderStatusChanged),
}

fn main() {}

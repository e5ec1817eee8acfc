#![deny(warnings)]

use event_catalog::orders;
use serde::{Deserialize, Serialize};
use tidings::{Event, EventUnion, Uuid};

#[derive(Serialize, Deserialize, Event)]
#[event(orders::OrderStatusChanged)]
struct Moved {
    order_id: Uuid,
}

#[derive(EventUnion)]
#[expect(deprecated)]
enum OrderEvent {
    Old(orders::v1::OrderCreated),
    New(orders::v2::OrderCreated),
    #[event(orders::OrderStatusChanged)]
    Moved(Moved),
}

pub fn main() {
    let types: Vec<_> = OrderEvent::specs().map(|spec| spec.event_type).collect();
    assert_eq!(
        types,
        ["orders.order.created", "orders.order.created", "orders.order.status_changed"]
    );
    let moved = OrderEvent::from(Moved { order_id: Uuid::nil() });
    assert!(matches!(moved, OrderEvent::Moved(_)));
    assert_eq!(moved.spec().event_type, "orders.order.status_changed");
    let _ = (OrderEvent::Old, OrderEvent::New);
}

use event_catalog::orders;
use tidings::Event;

#[derive(Event)]
#[event(orders::OrderCreated)]
union MyOrder {
    order_id: u64,
    number: u64,
}

fn main() {}

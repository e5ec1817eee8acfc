use event_catalog::{inventory, orders};
use serde::{Deserialize, Serialize};
use tidings::{Event, Handled, event_handler};

#[derive(Deserialize, Serialize)]
struct OrderId(String);

/// What allocation needs of an order.
#[derive(Event, Deserialize, Serialize)]
#[event(orders::OrderCreated)]
struct Order {
    order_id: OrderId,
}

#[event_handler(inventory::allocation)]
async fn allocate(order: Order) -> Handled {
    let _ = order.order_id;
    Ok(())
}

fn contract<E: Event<Contract = orders::OrderCreated>>() {}

pub fn main() {
    contract::<Order>();
    let _ = inventory::allocation::Handlers { order_created: allocate }.subscriber();
}

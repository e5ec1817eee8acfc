use event_catalog::inventory;
use event_catalog::orders::{self, OrderCreated, OrderStatusChanged};
use tidings::EventUnion;
use tidings::aggregate::{Aggregate, AppendError};

#[derive(EventUnion)]
enum OrderEvent {
    Created(Box<OrderCreated>),
    StatusChanged(OrderStatusChanged),
}

#[derive(Default)]
struct Order;

impl Aggregate for Order {
    type Kind = orders::aggregates::Order;
    type Event = OrderEvent;

    fn apply(&mut self, _: OrderEvent) {}
}

async fn append(publisher: inventory::Publisher, event: OrderEvent) -> Result<(), AppendError> {
    let orders = publisher.aggregates::<Order>();
    let mut order = orders.load("o-1").await.expect("readable");
    orders.append(&mut order, [event]).await?;
    Ok(())
}

fn main() {
    let _ = append;
}

use super::Outcome;

struct Desk {
    orders: Orders,
}

struct Orders;

impl Orders {
    async fn settle(
        &self,
        payment: event_catalog::payments::PaymentProcessed,
    ) -> std::io::Result<Order> {
        Ok(Order)
    }
}

struct Order;

impl Order {
    fn status_changed(&self) -> event_catalog::orders::OrderStatusChanged {
        tidings::testing::example()
    }
}

async fn service(desk: Desk) -> Outcome {
    shown!(1);
    Ok(())
}

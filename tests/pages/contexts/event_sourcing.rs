use std::num::NonZeroU64;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use tidings::aggregate::{Aggregate, Snapshot};
use tidings::kv::BucketConfig;
use tidings::{
    Arrival, Checkpoint, EventUnion, Handled, HandlerError, Place, Projection, Tidings, Uuid,
};

use super::{Outcome, bus};
use crate::shop::orders::{self, OrderCancelled, OrderCreated, OrderShipped};
use crate::shop::sales;

#[derive(Debug, Default, Serialize, Deserialize)]
enum Status {
    #[default]
    Unknown,
    Open,
    Shipped,
    Cancelled,
}

#[derive(Debug)]
enum Refused {
    TooLate,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it is too late")
    }
}

impl std::error::Error for Refused {}

#[tokio::test(start_paused = true)]
async fn an_order_is_cancelled_once() -> Outcome {
    let bus = bus().await;
    let publisher = sales::Publisher::new(&bus).organization("acme");
    let created: OrderCreated = tidings::testing::example();
    let order_id = created.order_id;
    publisher.order_created(created).await?;
    shown!(1);
    assert_eq!(order.version(), 2);
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    shown!(2);
    let again = orders.execute(order_id, |order| order.cancel(order_id)).await?;
    assert_eq!(again.version(), 2);
    Ok(())
}

mod projections {
    use std::sync::Arc;

    use tokio::sync::Notify;

    use super::*;

    #[derive(EventUnion)]
    enum OrderEvent {
        Created(Box<OrderCreated>),
        Shipped(OrderShipped),
        Cancelled(OrderCancelled),
    }

    async fn record(connection: &mut sqlx::PgConnection, event: OrderEvent) -> sqlx::Result<()> {
        Ok(())
    }

    struct InTheDatabase(PgPool);

    impl Checkpoint for InTheDatabase {
        async fn load(&mut self) -> Result<Option<Place>, HandlerError> {
            let place: Option<String> =
                sqlx::query_scalar("SELECT place FROM projections WHERE name = 'order-book'")
                    .fetch_optional(&self.0)
                    .await?;
            Ok(place.map(|place| serde_json::from_str(&place)).transpose()?)
        }

        async fn save(&mut self, _: &Place) -> Result<(), HandlerError> {
            Ok(())
        }
    }

    async fn projected(bus: Tidings, db: PgPool, ready: Arc<Notify>) -> Outcome {
        shown!(3);
        Ok(())
    }
}

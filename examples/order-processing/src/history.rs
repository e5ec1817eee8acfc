//! What has become of an order, from nothing but its events, and whether the database says the same.

use std::num::NonZeroU64;

use anyhow::Context as _;
use event_catalog::orders;
use event_catalog::orders::{OrderCreated, OrderStatusChanged};
use serde::{Deserialize, Serialize};
use tidings::aggregate::{Aggregate, History, Loaded, Snapshot};
use tidings::kv::BucketConfig;
use tidings::{Tidings, Uuid};

use crate::order_book::OrderEvent;
use crate::orders::{Database, Repository};
use crate::samples;

/// Holds the orders as they are after some of their events; their organization's key seals what is in it.
const SNAPSHOTS: &str = "order_snapshots";

/// Few, because an order has few events.
const EVENTS_UNTIL_SNAPSHOT: NonZeroU64 = NonZeroU64::new(3).expect("not zero");

/// An order as its events have made it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) created: Option<OrderCreated>,
    changes: Vec<OrderStatusChanged>,
}

impl Aggregate for Order {
    type Kind = orders::aggregates::Order;
    type Event = OrderEvent;

    fn apply(&mut self, event: OrderEvent) {
        match event {
            OrderEvent::Created(created) => self.created = Some(*created),
            OrderEvent::StatusChanged(change) => self.changes.push(change),
        }
    }
}

impl Snapshot for Order {
    const NAME: &'static str = "order";
    const VERSION: u32 = 1;
}

/// The histories of orders.
pub(crate) async fn histories(bus: &Tidings) -> anyhow::Result<History<Order>> {
    let bucket = bus.ensure_bucket(&BucketConfig::new(SNAPSHOTS)).await?;
    let histories = bus.history::<Order>().organization(samples::ORGANIZATION);
    Ok(histories.snapshots(bucket, EVENTS_UNTIL_SNAPSHOT))
}

/// Whether the database says of an order what its events say; the error tells what is different.
pub(crate) async fn compare<DB: Database>(
    histories: &History<Order>,
    repository: &Repository<DB>,
    order_id: Uuid,
) -> anyhow::Result<Loaded<Order>> {
    let history = histories.load(order_id).await.context("a history cannot be read")?;
    let order = repository.order(order_id).await?;
    let (created, changes) = match order {
        Some(order) => (Some(order.created), order.changes),
        None => (None, Vec::new()),
    };
    let told = history.state();
    anyhow::ensure!(
        told.created == created && told.changes == changes,
        "the order {order_id} is not what its events say: {:?} instead of {:?}",
        changes.iter().map(|change| change.status).collect::<Vec<_>>(),
        told.changes.iter().map(|change| change.status).collect::<Vec<_>>(),
    );
    Ok(history)
}

#[cfg(test)]
mod tests {
    use event_catalog::types::OrderStatus;
    use sqlx::Sqlite;

    use super::*;
    use crate::orders::Step;
    use crate::testing;

    #[tokio::test]
    async fn an_order_is_what_its_events_say_or_the_difference_is_told() {
        let bus = testing::bus().await;
        let repository = Repository::sqlite(None).await.expect("a database");
        let histories = histories(&bus).await.expect("a bucket");
        let publisher = orders::Publisher::new(&bus).organization(samples::ORGANIZATION);
        let (order, other) = (samples::mugs(), samples::teapot());
        let order_id = order.order_id;
        assert_eq!(
            compare(&histories, &repository, order_id).await.expect("neither has it").version(),
            0
        );
        let mut transaction = repository.begin().await.expect("begun");
        Repository::<Sqlite>::insert(&mut transaction, &order).await.expect("stored");
        transaction.commit().await.expect("committed");
        compare(&histories, &repository, order_id).await.expect_err("its event is missing");
        publisher.order_created(order).await.expect("stored");
        publisher.order_created(other).await.expect("stored");
        assert_eq!(
            compare(&histories, &repository, order_id).await.expect("the same").version(),
            1
        );
        let step = Step { status: OrderStatus::Paid, reason: None, tracking: None };
        let mut transaction = repository.begin().await.expect("begun");
        let change = Repository::<Sqlite>::advance(&mut transaction, order_id, step).await;
        let change = change.expect("known").expect("forward");
        transaction.commit().await.expect("committed");
        let error =
            compare(&histories, &repository, order_id).await.expect_err("it has not been told");
        assert!(error.to_string().contains("[Paid] instead of []"), "{error}");
        publisher.order_status_changed(change).await.expect("stored");
        assert_eq!(
            compare(&histories, &repository, order_id).await.expect("the same").version(),
            2
        );
    }
}

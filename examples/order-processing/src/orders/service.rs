use event_catalog::orders::{self, OrderCreated};
use event_catalog::types::{OrderStatus, Tracking};
use tidings::{Service as _, Tidings, Uuid};

use super::progress::{Progress, change_id};
use super::{Fulfilment, Repository, Reservation, Step};
use crate::money::euros;
use crate::timeline::Timeline;

/// The commands of the order service, which an HTTP API would call.
pub(crate) struct OrderService {
    repository: Repository,
    publisher: orders::Publisher,
    timeline: Timeline,
}

impl OrderService {
    pub(crate) fn new(
        bus: &Tidings,
        organization: &str,
        repository: Repository,
        timeline: Timeline,
    ) -> Self {
        let publisher = orders::Publisher::new(bus).organization(organization);
        Self { repository, publisher, timeline }
    }

    /// Accepts an order. Safe to repeat: the event's id is the order's, so a second one is dropped as a duplicate.
    pub(crate) async fn place(&self, order: OrderCreated) -> anyhow::Result<()> {
        let order_id = order.order_id;
        let lines = order.lines.iter().map(|line| format!("{} × {}", line.quantity, line.sku));
        let what =
            format!("placed: {}, {}", lines.collect::<Vec<_>>().join(", "), euros(&order.total));
        self.repository.insert(&order).await?;
        self.timeline.command(orders::Service::SPEC, order_id, what);
        self.publisher.order_created(order).id(order_id).await?;
        Ok(())
    }

    /// The parcel has left the house.
    pub(crate) async fn ship(&self, order_id: Uuid, tracking: Tracking) -> anyhow::Result<()> {
        let what = format!("handed to {} as {}", tracking.carrier, tracking.number);
        let order = self.repository.order(order_id).await?;
        if order.is_none_or(|order| order.status() != OrderStatus::Paid) {
            anyhow::bail!("the order {order_id} is not paid, so it is not shipped");
        }
        let status = OrderStatus::Shipped;
        let step = Step { status, reason: None, tracking: Some(tracking) };
        let Some(change) = self.repository.advance(order_id, step).await? else {
            anyhow::bail!("the order {order_id} has moved on while it was shipped");
        };
        self.timeline.command(orders::Service::SPEC, order_id, what);
        // No event led to this one, but it belongs to the order's chain.
        let publisher = (*self.publisher).clone().correlation_id(order_id);
        publisher.publish(change).id(change_id(order_id, status)).await?;
        Ok(())
    }

    /// The handler that hears of stock.
    pub(crate) fn reservation(&self) -> Reservation {
        Reservation(self.progress())
    }

    /// The handler that hears of payments.
    pub(crate) fn fulfilment(&self) -> Fulfilment {
        Fulfilment(self.progress())
    }

    fn progress(&self) -> Progress {
        Progress { repository: self.repository.clone(), timeline: self.timeline.clone() }
    }
}

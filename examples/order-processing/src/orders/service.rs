use event_catalog::orders::{self, OrderCreated};
use event_catalog::types::{OrderStatus, Tracking};
use tidings::outbox::SqliteOutbox;
use tidings::{Service as _, Tidings, Uuid};

use super::progress::Progress;
use super::{Fulfilment, Repository, Reservation, Step};
use crate::money::euros;
use crate::timeline::Timeline;

/// The commands of the order service, which an HTTP API would call.
pub(crate) struct OrderService {
    repository: Repository,
    outbox: SqliteOutbox,
    publisher: orders::Publisher,
    timeline: Timeline,
}

impl OrderService {
    pub(crate) fn new(
        bus: &Tidings,
        organization: &str,
        repository: Repository,
        outbox: SqliteOutbox,
        timeline: Timeline,
    ) -> Self {
        let publisher = orders::Publisher::new(bus).organization(organization);
        Self { repository, outbox, publisher, timeline }
    }

    /// Accepts an order. Safe to repeat: one that is there already is announced already, or will be.
    pub(crate) async fn place(&self, order: OrderCreated) -> anyhow::Result<()> {
        let order_id = order.order_id;
        let lines = order.lines.iter().map(|line| format!("{} × {}", line.quantity, line.sku));
        let what =
            format!("placed: {}, {}", lines.collect::<Vec<_>>().join(", "), euros(&order.total));
        let mut transaction = self.repository.begin().await?;
        if !Repository::insert(&mut transaction, &order).await? {
            return Ok(());
        }
        // The order's id is that of the chain of events that it begins.
        let event = self.publisher.order_created(order).id(order_id);
        self.outbox.publish(&mut transaction, event).await?;
        self.timeline.command(orders::Service::SPEC, order_id, what);
        transaction.commit().await?;
        Ok(())
    }

    /// The parcel has left the house.
    pub(crate) async fn ship(&self, order_id: Uuid, tracking: Tracking) -> anyhow::Result<()> {
        let what = format!("handed to {} as {}", tracking.carrier, tracking.number);
        let order = self.repository.order(order_id).await?;
        if order.is_none_or(|order| order.status() != OrderStatus::Paid) {
            anyhow::bail!("the order {order_id} is not paid, so it is not shipped");
        }
        let step = Step { status: OrderStatus::Shipped, reason: None, tracking: Some(tracking) };
        let mut transaction = self.repository.begin().await?;
        let Some(change) = Repository::advance(&mut transaction, order_id, step).await? else {
            anyhow::bail!("the order {order_id} has moved on while it was shipped");
        };
        // No event led to this one, but it belongs to the order's chain.
        let publisher = (*self.publisher).clone().correlation_id(order_id);
        self.outbox.publish(&mut transaction, publisher.publish(change)).await?;
        self.timeline.command(orders::Service::SPEC, order_id, what);
        transaction.commit().await?;
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

    /// What the order service has to say to the world, and has not said yet.
    pub(crate) fn outbox(&self) -> &SqliteOutbox {
        &self.outbox
    }

    fn progress(&self) -> Progress {
        Progress {
            repository: self.repository.clone(),
            outbox: self.outbox.clone(),
            timeline: self.timeline.clone(),
        }
    }
}

use event_catalog::orders::{self, OrderCreated};
use event_catalog::types::{OrderStatus, Tracking};
use tidings::outbox::{Outbox, Relay};
use tidings::{Inbox, Run, Service as _, Tidings, Uuid};

use super::progress::Progress;
use super::{Database, Fulfilment, Repository, Reservation, Step};
use crate::money::euros;
use crate::timeline::Timeline;

/// The order service: its commands, which an HTTP API would call, and its handlers.
pub(crate) struct OrderService<DB: Database> {
    bus: Tidings,
    repository: Repository<DB>,
    outbox: Outbox<DB>,
    inbox: Inbox,
    publisher: orders::Publisher,
    timeline: Timeline,
}

impl<DB: Database> OrderService<DB> {
    /// The service with what it keeps in its database beside the orders: what it has to say, and what it has heard.
    pub(crate) async fn open(
        bus: &Tidings,
        organization: &str,
        repository: Repository<DB>,
        timeline: Timeline,
    ) -> anyhow::Result<Self> {
        let pool = repository.pool();
        let (outbox, inbox) = (Outbox::new(pool.clone()), DB::inbox(pool.clone()));
        outbox.migrate().await?;
        inbox.migrate().await?;
        let publisher = orders::Publisher::new(bus).organization(organization);
        Ok(Self { bus: bus.clone(), repository, outbox, inbox, publisher, timeline })
    }

    /// Accepts an order. Safe to repeat: one that is there already is announced already, or will be.
    pub(crate) async fn place(&self, order: OrderCreated) -> anyhow::Result<()> {
        let order_id = order.order_id;
        let lines = order.lines.iter().map(|line| format!("{} × {}", line.quantity, line.sku));
        let what =
            format!("placed: {}, {}", lines.collect::<Vec<_>>().join(", "), euros(&order.total));
        let mut transaction = self.repository.begin().await?;
        if !Repository::<DB>::insert(&mut transaction, &order).await? {
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
        let change = Repository::<DB>::advance(&mut transaction, order_id, step).await?;
        let Some(change) = change else {
            anyhow::bail!("the order {order_id} has moved on while it was shipped");
        };
        // No event led to this one, but it belongs to the order's chain.
        let publisher = (*self.publisher).clone().correlation_id(order_id);
        self.outbox.publish(&mut transaction, publisher.publish(change)).await?;
        self.timeline.command(orders::Service::SPEC, order_id, what);
        transaction.commit().await?;
        Ok(())
    }

    /// The service's subscriptions, about to run.
    pub(crate) fn run(&self) -> Run {
        self.bus
            .run(orders::Reservation::subscriber(Reservation(self.progress())))
            .and(orders::Fulfilment::subscriber(Fulfilment(self.progress())))
            .inbox(self.inbox.clone())
    }

    /// The orders.
    pub(crate) fn repository(&self) -> &Repository<DB> {
        &self.repository
    }

    /// What the service has to say to the world, and has not said yet.
    pub(crate) fn outbox(&self) -> &Outbox<DB> {
        &self.outbox
    }

    /// What says it, about to run.
    pub(crate) fn relay(&self) -> Relay<DB> {
        self.outbox.relay(&self.bus)
    }

    fn progress(&self) -> Progress<DB> {
        Progress { outbox: self.outbox.clone(), timeline: self.timeline.clone() }
    }
}

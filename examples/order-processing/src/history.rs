//! What has become of an order, from nothing but its events, and whether the database says the same.

use event_catalog::CATALOG;
use event_catalog::orders::{OrderCreated, OrderStatusChanged};
use tidings::{Event as _, ReplayError, Tidings, Uuid};

use crate::order_book::OrderEvent;
use crate::orders::Repository;
use crate::samples;

/// An order as its events have made it.
#[derive(Debug, Default)]
pub(crate) struct History {
    created: Option<OrderCreated>,
    changes: Vec<OrderStatusChanged>,
}

impl History {
    /// Reads the events of an order.
    pub(crate) async fn of(bus: &Tidings, order_id: Uuid) -> Result<Self, ReplayError> {
        let mut history = Self::default();
        let orders = OrderCreated::SPEC.stream;
        let Some(stream) = CATALOG.stream(orders) else { return Ok(history) };
        let replay = bus.replay(stream).organization(samples::ORGANIZATION).key(order_id);
        let reading = replay.each(|event: OrderEvent, _| {
            history.apply(event);
            async { Ok(()) }
        });
        reading.await?;
        Ok(history)
    }

    fn apply(&mut self, event: OrderEvent) {
        match event {
            OrderEvent::Created(created) => self.created = Some(*created),
            OrderEvent::StatusChanged(change) => self.changes.push(change),
        }
    }

    /// The order as it was placed.
    #[cfg(test)]
    pub(crate) fn created(&self) -> Option<&OrderCreated> {
        self.created.as_ref()
    }

    /// How many events it is made of.
    pub(crate) fn events(&self) -> usize {
        usize::from(self.created.is_some()) + self.changes.len()
    }
}

/// Whether the database says of an order what its events say; the error tells what is different.
pub(crate) async fn compare(
    bus: &Tidings,
    repository: &Repository,
    order_id: Uuid,
) -> anyhow::Result<History> {
    let history = History::of(bus, order_id).await?;
    let order = repository.order(order_id).await?;
    let (created, changes) = match order {
        Some(order) => (Some(order.created), order.changes),
        None => (None, Vec::new()),
    };
    anyhow::ensure!(
        history.created == created && history.changes == changes,
        "the order {order_id} is not what its events say: {:?} instead of {:?}",
        changes.iter().map(|change| change.status).collect::<Vec<_>>(),
        history.changes.iter().map(|change| change.status).collect::<Vec<_>>(),
    );
    Ok(history)
}

#[cfg(test)]
mod tests {
    use event_catalog::orders;
    use event_catalog::types::OrderStatus;
    use tidings::encryption::MemoryKeys;

    use super::*;
    use crate::orders::Step;

    #[tokio::test]
    async fn an_order_is_what_its_events_say_or_the_difference_is_told() {
        let bus = Tidings::embedded();
        bus.set_keys(MemoryKeys::new());
        bus.ensure(&CATALOG).await.expect("the catalog fits");
        let repository = Repository::open(None).await.expect("a database");
        let publisher = orders::Publisher::new(&bus).organization(samples::ORGANIZATION);
        let (order, other) = (samples::mugs(), samples::teapot());
        let order_id = order.order_id;
        assert_eq!(compare(&bus, &repository, order_id).await.expect("neither has it").events(), 0);
        let mut transaction = repository.begin().await.expect("begun");
        Repository::insert(&mut transaction, &order).await.expect("stored");
        transaction.commit().await.expect("committed");
        compare(&bus, &repository, order_id).await.expect_err("its event is missing");
        publisher.order_created(order).await.expect("stored");
        publisher.order_created(other).await.expect("stored");
        assert_eq!(compare(&bus, &repository, order_id).await.expect("the same").events(), 1);
        let step = Step { status: OrderStatus::Paid, reason: None, tracking: None };
        let mut transaction = repository.begin().await.expect("begun");
        let change = Repository::advance(&mut transaction, order_id, step).await.expect("known");
        let change = change.expect("forward");
        transaction.commit().await.expect("committed");
        let error = compare(&bus, &repository, order_id).await.expect_err("it has not been told");
        assert!(error.to_string().contains("[Paid] instead of []"), "{error}");
        publisher.order_status_changed(change).await.expect("stored");
        assert_eq!(compare(&bus, &repository, order_id).await.expect("the same").events(), 2);
    }
}

//! The inventory service: finds a warehouse for every new order, and gives back what a cancelled one does not need.

mod stock;

use event_catalog::inventory::{self, Context};
use event_catalog::orders::{OrderCreated, OrderStatusChanged};
use event_catalog::types::OrderStatus;
use tidings::{Handled, HandlerError, Reject, Uuid, event_handler};

pub(crate) use self::stock::Stock;
use self::stock::{GivenBack, StockError};
use crate::timeline::Timeline;

/// Sets stock aside for each new order.
pub(crate) struct Allocation {
    pub(crate) stock: Stock,
    pub(crate) timeline: Timeline,
}

/// Gives back what was set aside for an order that is cancelled.
pub(crate) struct Release {
    pub(crate) stock: Stock,
    pub(crate) timeline: Timeline,
}

#[event_handler]
impl inventory::Allocation for Allocation {
    async fn order_created(&self, order: OrderCreated, cx: &Context) -> Handled {
        let order_id = order.order_id;
        let allocated =
            self.stock.reserve(&order).map_err(|error| self.failed(error, order_id, cx))?;
        self.timeline.tell(cx, order_id, format_args!("set aside in {}", allocated.warehouse));
        cx.publish(allocated).id(format!("{order_id}.stock")).await?;
        Ok(())
    }
}

impl Allocation {
    /// A warehouse that cannot be reached may be reached later; what nobody has is nothing to try again by oneself.
    fn failed(&self, error: StockError, order_id: Uuid, cx: &Context) -> HandlerError {
        match error {
            StockError::Unreachable { .. } => {
                self.timeline.trouble(cx, order_id, &error);
                error.into()
            }
            StockError::Nowhere { .. } => {
                self.timeline.trouble(cx, order_id, format_args!("rejected: {error}"));
                Reject::because(error).into()
            }
        }
    }
}

#[event_handler]
impl inventory::Release for Release {
    async fn order_status_changed(&self, change: OrderStatusChanged, cx: &Context) -> Handled {
        if change.status != OrderStatus::Cancelled {
            return Ok(());
        }
        // None where this event comes again, or nothing had been set aside.
        if let Some(GivenBack { items, warehouse }) = self.stock.release(change.order_id) {
            let what = format_args!("given back in {warehouse}: {items}");
            self.timeline.tell(cx, change.order_id, what);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use event_catalog::orders::Publisher;
    use event_catalog::{CATALOG, inventory::InventoryAllocated};
    use tidings::testing::example;
    use tidings::{Reason, Report, Tidings};

    use super::*;
    use crate::{flow, samples, testing};

    /// The service's handlers between a publisher and a subscriber on a broker of its own. Paused time makes the delays
    /// between attempts pass at once.
    struct Stage {
        bus: Tidings,
        stock: Stock,
        orders: Publisher,
    }

    impl Stage {
        async fn new() -> Self {
            let bus = testing::bus().await;
            let orders = Publisher::new(&bus).organization(samples::ORGANIZATION);
            Self { bus, stock: Stock::new(), orders }
        }

        /// Handles what there is.
        async fn handled(&self) -> Report {
            let (stock, timeline) = (self.stock.clone(), Timeline::quiet());
            let release = Release { stock: stock.clone(), timeline: timeline.clone() };
            let run = self
                .bus
                .run(inventory::Allocation::subscriber(Allocation { stock, timeline }))
                .and(inventory::Release::subscriber(release));
            let idle = flow::settled(&self.bus, &[flow::ALLOCATION, flow::RELEASE]);
            run.until(idle).await.expect("it ends well")
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_warehouse_that_does_not_answer_is_asked_again() {
        let stage = Stage::new().await;
        let order = samples::teapot();
        stage.orders.order_created(order.clone()).await.expect("stored");
        let report = stage.handled().await;
        assert_eq!((report.retried, report.dead_lettered), (2, 0));
        let [event] = &testing::published::<InventoryAllocated>(&stage.bus).await[..] else {
            panic!("one event")
        };
        assert_eq!((event.order_id, event.warehouse.as_str()), (order.order_id, "ham2"));
        assert_eq!(event.amount_due, order.total);
    }

    #[tokio::test(start_paused = true)]
    async fn what_no_warehouse_has_is_a_dead_letter_at_once_and_handled_when_one_has_it() {
        let stage = Stage::new().await;
        stage.orders.order_created(samples::fondue_set()).await.expect("stored");
        let report = stage.handled().await;
        assert_eq!((report.retried, report.dead_lettered), (0, 1));
        assert_eq!(testing::published::<InventoryAllocated>(&stage.bus).await, []);
        let letters = stage.bus.dead_letters(&CATALOG).all().await.expect("readable");
        let [letter] = &letters[..] else { panic!("one dead letter, not {letters:?}") };
        assert_eq!((letter.reason, letter.attempts), (Some(Reason::Rejected), 1));
        assert_eq!(letter.error, "no warehouse has FONDUE-SET");

        stage.stock.deliver("FONDUE-SET", 1);
        stage.bus.dead_letters(&CATALOG).redrive().await.expect("redriven");
        assert_eq!(stage.handled().await.handled, 1);
        assert_eq!(testing::published::<InventoryAllocated>(&stage.bus).await.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_set_aside_for_a_cancelled_order_is_given_back_once() {
        let stage = Stage::new().await;
        let order = samples::espresso_machine();
        let before = stage.stock.free("ESPRESSO-PRO");
        stage.orders.order_created(order.clone()).await.expect("stored");
        stage.handled().await;
        assert_eq!(stage.stock.free("ESPRESSO-PRO"), before - 1);
        for id in ["cancelled", "and told again"] {
            let cancelled = OrderStatusChanged {
                order_id: order.order_id,
                status: OrderStatus::Cancelled,
                ..example()
            };
            stage.orders.order_status_changed(cancelled).id(id).await.expect("stored");
            stage.handled().await;
            assert_eq!(stage.stock.free("ESPRESSO-PRO"), before, "{id}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_set_aside_for_an_order_that_goes_on_stays_there() {
        let stage = Stage::new().await;
        let order = samples::mugs();
        let before = stage.stock.free("MUG-BLUE-350");
        stage.orders.order_created(order.clone()).await.expect("stored");
        let paid = OrderStatusChanged { order_id: order.order_id, ..example() };
        stage.orders.order_status_changed(paid).await.expect("stored");
        // As if the event came from a redrive of everything.
        stage.orders.order_created(order).id("again").await.expect("stored");
        stage.handled().await;
        assert_eq!(stage.stock.free("MUG-BLUE-350"), before - 2);
    }
}

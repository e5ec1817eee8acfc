//! The inventory service: finds a warehouse for every new order.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use event_catalog::inventory::{self, Context, InventoryAllocated, InventoryAllocatedLine};
use event_catalog::orders::OrderCreated;
use tidings::{Handled, HandlerError, Reject, Timestamp, Uuid, event_handler};

use crate::timeline::Timeline;

/// How long stock is kept for an order that is not paid.
const RESERVED_FOR: Duration = Duration::from_secs(30 * 60);

const WAREHOUSES: &[Warehouse] = &[
    Warehouse { code: "fra1", skus: &["MUG-BLUE-350", "ESPRESSO-PRO"], drops: 0 },
    Warehouse { code: "ham2", skus: &["MUG-BLUE-350", "TEAPOT-1L"], drops: 2 },
];

struct Warehouse {
    code: &'static str,
    skus: &'static [&'static str],
    /// How many requests for one order get lost on the line before one gets through.
    drops: u32,
}

/// Sets stock aside for each new order.
pub(crate) struct Allocation {
    stock: Stock,
    timeline: Timeline,
}

impl Allocation {
    pub(crate) fn new(timeline: Timeline) -> Self {
        Self { stock: Stock::default(), timeline }
    }

    /// A warehouse that cannot be reached may be reached later; what nobody has, nobody will have.
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
impl inventory::Allocation for Allocation {
    async fn order_created(&self, order: OrderCreated, cx: &Context) -> Handled {
        let order_id = order.order_id;
        let allocated =
            self.stock.reserve(order).map_err(|error| self.failed(error, order_id, cx))?;
        self.timeline.tell(cx, order_id, format_args!("set aside in {}", allocated.warehouse));
        cx.publish(allocated).id(format!("{order_id}.stock")).await?;
        Ok(())
    }
}

/// The warehouses, as this service reaches them.
#[derive(Default)]
struct Stock {
    dropped: Mutex<HashMap<Uuid, u32>>,
}

/// Stock could not be set aside.
#[derive(Debug, thiserror::Error)]
enum StockError {
    #[error("the warehouse {warehouse} does not answer")]
    Unreachable { warehouse: &'static str },
    #[error("no warehouse has {skus}")]
    Nowhere { skus: String },
}

impl Stock {
    fn reserve(&self, order: OrderCreated) -> Result<InventoryAllocated, StockError> {
        let has_all = |warehouse: &&Warehouse| {
            order.lines.iter().all(|line| warehouse.skus.contains(&line.sku.as_str()))
        };
        let warehouse = WAREHOUSES.iter().find(has_all).ok_or_else(|| {
            let skus: Vec<&str> = order.lines.iter().map(|line| line.sku.as_str()).collect();
            StockError::Nowhere { skus: skus.join(" and ") }
        })?;
        self.reach(warehouse, order.order_id)?;
        let lines = order.lines.iter().map(|line| InventoryAllocatedLine {
            line_number: line.line_number,
            product_id: line.product_id,
            ordered: line.quantity,
            allocated: line.quantity,
        });
        Ok(InventoryAllocated {
            allocation_id: Uuid::now_v7(),
            order_id: order.order_id,
            customer_id: order.customer_id,
            warehouse: warehouse.code.to_owned(),
            lines: lines.collect(),
            amount_due: order.total,
            reserved_until: Timestamp::now() + RESERVED_FOR,
        })
    }

    fn reach(&self, warehouse: &Warehouse, order_id: Uuid) -> Result<(), StockError> {
        if warehouse.drops == 0 {
            return Ok(());
        }
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        let count = dropped.entry(order_id).or_default();
        if *count == warehouse.drops {
            return Ok(());
        }
        *count += 1;
        Err(StockError::Unreachable { warehouse: warehouse.code })
    }
}

#[cfg(test)]
mod tests {
    use event_catalog::{CATALOG, orders, payments};
    use tidings::{Reason, State, Tidings};
    use tokio::sync::mpsc;

    use super::*;
    use crate::{flow, samples};

    type Allocated = mpsc::UnboundedSender<InventoryAllocated>;

    /// What follows the handler under test: tells of what it hears.
    #[event_handler]
    async fn hear(event: InventoryAllocated, State(allocated): State<Allocated>) -> Handled {
        Ok(allocated.send(event)?)
    }

    /// The handler between a publisher and a subscriber on a broker of its own. Paused time makes the delays between
    /// attempts pass at once.
    async fn after_placing(
        order: OrderCreated,
    ) -> (Tidings, tidings::Report, Vec<InventoryAllocated>) {
        let bus = Tidings::embedded();
        bus.set_keys(tidings::encryption::MemoryKeys::new());
        bus.ensure(&CATALOG).await.expect("the catalog fits");
        let (allocated, mut heard) = mpsc::unbounded_channel();
        let publisher = orders::Publisher::new(&bus).organization(samples::ORGANIZATION);
        publisher.order_created(order).await.expect("stored");
        let run = bus
            .run(inventory::Allocation::subscriber(Allocation::new(Timeline::quiet())))
            .and(payments::collection::Handlers { inventory_allocated: hear }.subscriber())
            .state(allocated);
        let upstream = [flow::ALLOCATION, flow::COLLECTION];
        let report = run.until(flow::settled(&bus, &upstream)).await.expect("a run");
        let events = std::iter::from_fn(|| heard.try_recv().ok()).collect();
        (bus, report, events)
    }

    #[tokio::test(start_paused = true)]
    async fn a_warehouse_that_does_not_answer_is_asked_again() {
        let order = samples::teapot();
        let (_, report, allocated) = after_placing(order.clone()).await;
        assert_eq!((report.retried, report.dead_lettered), (2, 0));
        let [event] = &allocated[..] else { panic!("one event, not {allocated:?}") };
        assert_eq!((event.order_id, event.warehouse.as_str()), (order.order_id, "ham2"));
        assert_eq!(event.amount_due, order.total);
    }

    #[tokio::test(start_paused = true)]
    async fn what_no_warehouse_has_is_a_dead_letter_at_once() {
        let (bus, report, allocated) = after_placing(samples::fondue_set()).await;
        assert_eq!((report.retried, report.dead_lettered), (0, 1));
        assert!(allocated.is_empty(), "{allocated:?}");
        let letters = bus.dead_letters(&CATALOG).all().await.expect("a stream of dead letters");
        let [letter] = &letters[..] else { panic!("one dead letter, not {letters:?}") };
        assert_eq!((letter.reason, letter.attempts), (Some(Reason::Rejected), 1));
        assert_eq!(letter.error, "no warehouse has FONDUE-SET");
    }
}

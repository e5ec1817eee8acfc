use event_catalog::inventory::InventoryAllocated;
use event_catalog::orders::{self, Context};
use event_catalog::types::OrderStatus;
use tidings::{Handled, event_handler};

use super::progress::Progress;
use super::{Database, Step};

/// Stock is set aside: the order is `allocated`.
pub(crate) struct Reservation<DB: Database>(pub(crate) Progress<DB>);

#[event_handler(idempotent = true)]
impl<DB: Database> orders::Reservation for Reservation<DB> {
    async fn inventory_allocated(&self, stock: InventoryAllocated, cx: &Context) -> Handled {
        let step = Step { status: OrderStatus::Allocated, reason: None, tracking: None };
        self.0.advance(stock.order_id, step, cx).await
    }
}

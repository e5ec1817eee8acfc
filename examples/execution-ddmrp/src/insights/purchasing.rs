use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use event_catalog::analytics::{Context, purchasing};
use event_catalog::execution::PurchaseOrderCreated;
use tidings::{Handled, State, Subscriber, Uuid, event_handler};

use crate::journal::Journal;

/// What is bought, from whom, for how much. An order that comes twice is there once.
#[derive(Clone, Default)]
pub struct Purchasing(Arc<Mutex<BTreeMap<Uuid, PurchaseOrderCreated>>>);

impl Purchasing {
    /// By supplier, how many orders there were, and the sum of them in the currency's smallest unit.
    pub fn by_supplier(&self) -> BTreeMap<Uuid, (u64, u64)> {
        let orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut suppliers: BTreeMap<Uuid, (u64, u64)> = BTreeMap::new();
        for order in orders.values() {
            let (count, sum) = suppliers.entry(order.supplier_id).or_default();
            (*count, *sum) = (*count + 1, *sum + order.total.amount_minor);
        }
        suppliers
    }
}

/// The subscription. Its run has a [`Purchasing`] and a [`Journal`] as states.
pub(super) fn subscriber() -> Subscriber {
    purchasing::Handlers { purchase_order_created: add }.subscriber()
}

#[event_handler(purchasing)]
async fn add(
    order: PurchaseOrderCreated,
    cx: Context,
    State(Purchasing(orders)): State<Purchasing>,
    State(journal): State<Journal>,
) -> Handled {
    orders.lock().unwrap_or_else(PoisonError::into_inner).insert(order.purchase_order_id, order);
    journal.handled(&cx);
    Ok(())
}

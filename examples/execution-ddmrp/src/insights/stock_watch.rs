use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use event_catalog::ai_hub::{Context, Service, stock_watch};
use event_catalog::execution::{InventoryUpdated, InventoryUpdatedCause};
use tidings::{Handled, State, Subscriber, Uuid, event_handler};

use crate::journal::Journal;

/// So many shipments of a product are looked at before one can be unusual.
const ENOUGH: u64 = 5;
/// So many times the average is unusual.
const UNUSUAL: f64 = 3.0;

/// What usually leaves the stock. Clones are one.
#[derive(Clone, Default)]
pub struct StockWatch(Arc<Mutex<HashMap<Uuid, Usual>>>);

#[derive(Default)]
struct Usual {
    shipments: u64,
    units: u64,
}

impl StockWatch {
    /// Whether so much leaving at once is unusual for the product, by what has left before.
    pub fn is_unusual(&self, product_id: Uuid, units: u64) -> bool {
        let mut products = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Usual { shipments, units: before } = products.entry(product_id).or_default();
        let is_unusual =
            *shipments >= ENOUGH && units as f64 > UNUSUAL * (*before as f64 / *shipments as f64);
        (*shipments, *before) = (*shipments + 1, *before + units);
        is_unusual
    }
}

/// The subscription. Its run has a [`StockWatch`] and a [`Journal`] as states.
pub(super) fn subscriber() -> Subscriber {
    stock_watch::Handlers { inventory_updated: look }.subscriber()
}

#[event_handler(stock_watch)]
async fn look(
    movement: InventoryUpdated,
    cx: Context,
    State(watch): State<StockWatch>,
    State(journal): State<Journal>,
) -> Handled {
    let InventoryUpdated { product_id, change, cause, .. } = movement;
    let is_shipment = matches!(cause, InventoryUpdatedCause::Shipment { .. });
    if is_shipment && watch.is_unusual(product_id, change.unsigned_abs()) {
        let (name, units) = (journal.name(product_id), change.unsigned_abs());
        journal.tell::<Service>(format_args!("{name}: {units} left at once, which is unusual"));
    }
    journal.handled(&cx);
    Ok(())
}

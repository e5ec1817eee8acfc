use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use event_catalog::inventory::{InventoryAllocated, InventoryAllocatedLine};
use event_catalog::orders::OrderCreated;
use event_catalog::types::OrderLine;
use tidings::{Timestamp, Uuid};

/// How long stock is kept for an order that is not paid.
const RESERVED_FOR: Duration = Duration::from_secs(30 * 60);

/// As many as the largest day takes.
const PLENTY: u64 = 1_000_000;

/// The warehouses, as this service reaches them. Clones are the same ones.
#[derive(Clone)]
pub(crate) struct Stock(Arc<Mutex<Inner>>);

struct Inner {
    warehouses: [Warehouse; 2],
    /// What was set aside, by order.
    set_aside: HashMap<Uuid, SetAside>,
    /// How many requests for an order were lost on the line.
    dropped: HashMap<Uuid, u32>,
}

struct Warehouse {
    code: &'static str,
    /// How many of each product nobody has ordered.
    free: HashMap<String, u64>,
    /// How many requests for one order get lost on the line before one gets through.
    drops: u32,
}

struct SetAside {
    told: InventoryAllocated,
    items: Vec<(String, u64)>,
}

/// Stock could not be set aside.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StockError {
    #[error("the warehouse {warehouse} does not answer")]
    Unreachable { warehouse: &'static str },
    #[error("no warehouse has {skus}")]
    Nowhere { skus: String },
}

/// What is free again: `1 × ESPRESSO-PRO`, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GivenBack {
    pub(crate) items: String,
    pub(crate) warehouse: String,
}

impl Stock {
    /// Two warehouses. The second has a bad line.
    pub(crate) fn new() -> Self {
        let plenty = |skus: &[&str]| skus.iter().map(|sku| (sku.to_string(), PLENTY)).collect();
        let fra1 =
            Warehouse { code: "fra1", free: plenty(&["MUG-BLUE-350", "ESPRESSO-PRO"]), drops: 0 };
        let ham2 =
            Warehouse { code: "ham2", free: plenty(&["MUG-BLUE-350", "TEAPOT-1L"]), drops: 2 };
        let (set_aside, dropped) = (HashMap::new(), HashMap::new());
        Self(Arc::new(Mutex::new(Inner { warehouses: [fra1, ham2], set_aside, dropped })))
    }

    /// Sets aside what an order needs. What was set aside for it before stays as it is.
    pub(crate) fn reserve(&self, order: &OrderCreated) -> Result<InventoryAllocated, StockError> {
        let mut inner = self.inner();
        if let Some(before) = inner.set_aside.get(&order.order_id) {
            return Ok(before.told.clone());
        }
        let at = inner.warehouses.iter().position(|warehouse| warehouse.has(&order.lines));
        let at = at.ok_or_else(|| {
            let skus: Vec<&str> = order.lines.iter().map(|line| line.sku.as_str()).collect();
            StockError::Nowhere { skus: skus.join(" and ") }
        })?;
        inner.reach(at, order.order_id)?;
        let warehouse = &mut inner.warehouses[at];
        let items: Vec<(String, u64)> =
            order.lines.iter().map(|line| (line.sku.clone(), line.quantity)).collect();
        for (sku, quantity) in &items {
            *warehouse.free.entry(sku.clone()).or_default() -= quantity;
        }
        let told = allocated(order, warehouse.code);
        inner.set_aside.insert(order.order_id, SetAside { told: told.clone(), items });
        Ok(told)
    }

    /// Gives back what was set aside for an order, if that has not been done.
    pub(crate) fn release(&self, order_id: Uuid) -> Option<GivenBack> {
        let mut inner = self.inner();
        let SetAside { told, items } = inner.set_aside.remove(&order_id)?;
        let warehouse = inner.warehouses.iter_mut().find(|one| one.code == told.warehouse)?;
        for (sku, quantity) in &items {
            *warehouse.free.entry(sku.clone()).or_default() += quantity;
        }
        let items: Vec<String> =
            items.iter().map(|(sku, quantity)| format!("{quantity} × {sku}")).collect();
        Some(GivenBack { items: items.join(", "), warehouse: told.warehouse })
    }

    /// A lorry brings something to the first warehouse.
    pub(crate) fn deliver(&self, sku: &str, quantity: u64) {
        let mut inner = self.inner();
        *inner.warehouses[0].free.entry(sku.to_owned()).or_default() += quantity;
    }

    /// How many of a product nobody has ordered.
    #[cfg(test)]
    pub(crate) fn free(&self, sku: &str) -> u64 {
        self.inner().warehouses.iter().filter_map(|warehouse| warehouse.free.get(sku)).sum()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn reach(&mut self, at: usize, order_id: Uuid) -> Result<(), StockError> {
        let Warehouse { code, drops, .. } = self.warehouses[at];
        let dropped = self.dropped.entry(order_id).or_default();
        if *dropped == drops {
            return Ok(());
        }
        *dropped += 1;
        Err(StockError::Unreachable { warehouse: code })
    }
}

impl Warehouse {
    fn has(&self, lines: &[OrderLine]) -> bool {
        let free = |line: &OrderLine| self.free.get(&line.sku).copied().unwrap_or_default();
        lines.iter().all(|line| free(line) >= line.quantity)
    }
}

fn allocated(order: &OrderCreated, warehouse: &str) -> InventoryAllocated {
    let lines = order.lines.iter().map(|line| InventoryAllocatedLine {
        line_number: line.line_number,
        product_id: line.product_id,
        ordered: line.quantity,
        allocated: line.quantity,
    });
    InventoryAllocated {
        allocation_id: Uuid::now_v7(),
        order_id: order.order_id,
        customer_id: order.customer_id,
        warehouse: warehouse.to_owned(),
        lines: lines.collect(),
        amount_due: order.total.clone(),
        reserved_until: Timestamp::now() + RESERVED_FOR,
    }
}

//! Keeps the books of supply and demand, and looks at the buffers that they belong to.
//!
//! The change of the books, the mark that says that the event was handled, and what is told of the buffer are one transaction:
//! whatever comes twice is booked once, and whatever dies in between has done nothing.

use event_catalog::ddmrp::{Context, supply_and_demand};
use event_catalog::execution::{
    InventoryUpdated, InventoryUpdatedCause, PurchaseOrderCreated, PurchaseOrderReceived,
    SalesOrderCreated, SalesOrderShipped,
};
use event_catalog::types::{OrderLine, ProductQuantity};
use sqlx::{Sqlite, SqliteConnection};
use tidings::{Date, Handled, State, Subscriber, Tx, Uuid, event_handler};

use super::books::{self, Place, Side, Step};
use super::desk::Desk;
use crate::journal::Journal;

/// The subscription. Its run has a [`Desk`] and a [`Journal`] as states.
pub(super) fn subscriber() -> Subscriber {
    supply_and_demand::Handlers {
        purchase_order_created: expect_supply,
        purchase_order_received: deliver,
        sales_order_created: expect_demand,
        sales_order_shipped: ship,
        inventory_updated: book,
    }
    .subscriber()
}

#[event_handler(supply_and_demand)]
async fn expect_supply(
    order: PurchaseOrderCreated,
    cx: Context,
    State(desk): State<Desk>,
    State(journal): State<Journal>,
    mut tx: Tx<Sqlite>,
) -> Handled {
    let PurchaseOrderCreated { purchase_order_id, warehouse, lines, .. } = order;
    let organization = cx.tenant()?;
    let placed =
        Placed { organization, side: Side::Supply, order_id: purchase_order_id, due_on: None };
    let products = placed.take(&mut tx, &warehouse, &lines).await?;
    desk.look(&mut tx, &cx.publisher(), organization, &products, &warehouse).await?;
    journal.handled(&cx);
    Ok(())
}

#[event_handler(supply_and_demand)]
async fn expect_demand(
    order: SalesOrderCreated,
    cx: Context,
    State(desk): State<Desk>,
    State(journal): State<Journal>,
    mut tx: Tx<Sqlite>,
) -> Handled {
    let SalesOrderCreated { sales_order_id, warehouse, lines, due_on, .. } = order;
    let organization = cx.tenant()?;
    let due_on = Some(due_on);
    let placed = Placed { organization, side: Side::Demand, order_id: sales_order_id, due_on };
    let products = placed.take(&mut tx, &warehouse, &lines).await?;
    desk.look(&mut tx, &cx.publisher(), organization, &products, &warehouse).await?;
    journal.handled(&cx);
    Ok(())
}

#[event_handler(supply_and_demand)]
async fn deliver(
    delivery: PurchaseOrderReceived,
    cx: Context,
    State(desk): State<Desk>,
    State(journal): State<Journal>,
    mut tx: Tx<Sqlite>,
) -> Handled {
    let PurchaseOrderReceived { purchase_order_id, warehouse, items, complete, .. } = delivery;
    let organization = cx.tenant()?;
    let moving = Moving { organization, side: Side::Supply, order_id: purchase_order_id, complete };
    let products = moving.take(&mut tx, &warehouse, &items).await?;
    desk.look(&mut tx, &cx.publisher(), organization, &products, &warehouse).await?;
    journal.handled(&cx);
    Ok(())
}

#[event_handler(supply_and_demand)]
async fn ship(
    shipment: SalesOrderShipped,
    cx: Context,
    State(desk): State<Desk>,
    State(journal): State<Journal>,
    mut tx: Tx<Sqlite>,
) -> Handled {
    let SalesOrderShipped { sales_order_id, warehouse, items, complete, .. } = shipment;
    let organization = cx.tenant()?;
    let moving = Moving { organization, side: Side::Demand, order_id: sales_order_id, complete };
    let products = moving.take(&mut tx, &warehouse, &items).await?;
    desk.look(&mut tx, &cx.publisher(), organization, &products, &warehouse).await?;
    journal.handled(&cx);
    Ok(())
}

#[event_handler(supply_and_demand)]
async fn book(
    movement: InventoryUpdated,
    cx: Context,
    State(desk): State<Desk>,
    State(journal): State<Journal>,
    mut tx: Tx<Sqlite>,
) -> Handled {
    let (organization, warehouse) = (cx.tenant()?, movement.warehouse.as_str());
    let product_id = movement.product_id;
    let place = Place { organization, product_id, warehouse };
    books::count(&mut tx, place, movement.on_hand, cx.sequence()).await?;
    let booked = Step::Booked(movement.change.unsigned_abs());
    match movement.cause {
        InventoryUpdatedCause::Receipt { purchase_order_id } => {
            books::step(&mut tx, place, Side::Supply, purchase_order_id, booked).await?;
        }
        InventoryUpdatedCause::Shipment { sales_order_id } => {
            books::step(&mut tx, place, Side::Demand, sales_order_id, booked).await?;
        }
        InventoryUpdatedCause::Adjustment { .. } => {}
    }
    desk.look(&mut tx, &cx.publisher(), organization, &[product_id], warehouse).await?;
    journal.handled(&cx);
    Ok(())
}

/// An order to a supplier or of a customer.
struct Placed<'a> {
    organization: &'a str,
    side: Side,
    order_id: Uuid,
    /// For demand, when it is.
    due_on: Option<Date>,
}

impl Placed<'_> {
    /// Returns the products in it.
    async fn take(
        &self,
        db: &mut SqliteConnection,
        warehouse: &str,
        lines: &[OrderLine],
    ) -> sqlx::Result<Vec<Uuid>> {
        let Self { organization, side, order_id, due_on } = *self;
        for line in lines {
            let place = Place { organization, product_id: line.product_id, warehouse };
            books::step(db, place, side, order_id, Step::Ordered(line.quantity, due_on)).await?;
        }
        Ok(lines.iter().map(|line| line.product_id).collect())
    }
}

/// A delivery or a shipment of an order.
struct Moving<'a> {
    organization: &'a str,
    side: Side,
    order_id: Uuid,
    complete: bool,
}

impl Moving<'_> {
    /// Returns the products that it is about: where nothing more will come, all of the order's.
    async fn take(
        &self,
        db: &mut SqliteConnection,
        warehouse: &str,
        items: &[ProductQuantity],
    ) -> sqlx::Result<Vec<Uuid>> {
        let Self { organization, side, order_id, complete } = *self;
        for item in items {
            let place = Place { organization, product_id: item.product_id, warehouse };
            books::step(db, place, side, order_id, Step::Moved(item.quantity)).await?;
        }
        if complete {
            return books::complete(db, organization, side, order_id).await;
        }
        Ok(items.iter().map(|item| item.product_id).collect())
    }
}

use std::path::Path;

use event_catalog::execution::{
    self, CatalogSync as _, InventoryUpdatedCause, InventoryUpdatedCauseAdjustmentReason,
    PurchaseOrderCreated, PurchaseOrderReceived, SalesOrderCreated, SalesOrderCreatedPriority,
    SalesOrderShipped,
};
use event_catalog::types::{Address, Money, OrderLine, ProductQuantity};
use sqlx::SqliteConnection;
use tidings::outbox::SqliteOutbox;
use tidings::{Date, Run, Tidings, Uuid};

use super::catalog_sync::CatalogSync;
use super::purchasing::Want;
use super::stock::Movement;
use super::{ExecutionError, books, replenishment};
use crate::database::Database;
use crate::journal::Journal;

/// The commands of the execution service, which an HTTP API would call.
pub struct Execution {
    database: Database,
    publisher: execution::Publisher,
}

/// What a customer orders.
#[derive(Clone, Debug)]
pub struct Sale {
    /// Who orders.
    pub customer_id: Uuid,
    /// The warehouse that is to deliver.
    pub warehouse: String,
    /// What is ordered.
    pub lines: Vec<SaleLine>,
    /// The day on which it must leave the warehouse.
    pub due_on: Date,
    /// Where it goes.
    pub ship_to: Address,
}

/// A line of a customer's order.
#[derive(Clone, Debug)]
pub struct SaleLine {
    /// The product.
    pub product_id: Uuid,
    /// Stock units.
    pub quantity: u64,
    /// The price of one.
    pub unit_price: Money,
}

impl Execution {
    /// Opens the service on its database.
    ///
    /// # Errors
    /// The file cannot be used.
    pub async fn open(bus: &Tidings, path: &Path) -> anyhow::Result<Self> {
        let database = Database::open(path, books::SCHEMA).await?;
        Ok(Self { database, publisher: execution::Publisher::new(bus) })
    }

    /// What the service has to say to the world, and has not said yet.
    pub fn outbox(&self) -> &SqliteOutbox {
        &self.database.outbox
    }

    /// The service's subscriptions, about to run.
    pub fn run(&self, bus: &Tidings, journal: &Journal) -> Run {
        let pool = self.database.pool.clone();
        bus.run(CatalogSync { pool, journal: journal.clone() }.subscriber())
            .and(replenishment::subscriber())
            .state(self.database.outbox.clone())
            .state(journal.clone())
            .inbox(self.database.inbox.clone())
    }

    /// Takes a customer's order in.
    ///
    /// # Errors
    /// A product is not known, the order breaks the catalog's schema, or the database fails.
    pub async fn sell(&self, organization: &str, sale: Sale) -> Result<Uuid, ExecutionError> {
        let mut change = self.database.begin().await?;
        let number = books::sales(&mut change, organization).await? + 1;
        let sales_order_id = Uuid::now_v7();
        let order = SalesOrderCreated {
            sales_order_id,
            number: format!("SO-{:04}-{number:05}", sale.due_on.year()),
            customer_id: sale.customer_id,
            warehouse: sale.warehouse,
            total: total(&sale.lines),
            lines: lines(&mut change, organization, sale.lines).await?,
            due_on: sale.due_on,
            priority: SalesOrderCreatedPriority::Normal,
            ship_to: sale.ship_to,
        };
        books::keep_sale(&mut change, organization, &order).await?;
        let publisher = self.publisher(organization, sales_order_id);
        self.database.outbox.publish(&mut change, publisher.sales_order_created(order)).await?;
        change.commit().await?;
        Ok(sales_order_id)
    }

    /// Hands all of a customer's order to a carrier.
    ///
    /// # Errors
    /// There is no such order to ship, or less stock than it takes: then nothing is done. Or the database fails.
    pub async fn ship(
        &self,
        organization: &str,
        sales_order_id: Uuid,
    ) -> Result<(), ExecutionError> {
        let mut change = self.database.begin().await?;
        let order = books::ship(&mut change, organization, sales_order_id).await?;
        let order = order.ok_or(ExecutionError::NothingToShip(sales_order_id))?;
        let (outbox, publisher) = (self.outbox(), self.publisher(organization, sales_order_id));
        let shipped = SalesOrderShipped {
            sales_order_id,
            shipment_id: Uuid::now_v7(),
            warehouse: order.warehouse.clone(),
            items: quantities(&order.lines),
            complete: true,
            tracking: None,
        };
        outbox.publish(&mut change, publisher.sales_order_shipped(shipped)).await?;
        for OrderLine { product_id, quantity, .. } in order.lines {
            let movement = Movement {
                organization,
                product_id,
                warehouse: &order.warehouse,
                change: -quantity.cast_signed(),
                cause: InventoryUpdatedCause::Shipment { sales_order_id },
            };
            movement.make(&mut change, outbox, &publisher).await?;
        }
        Ok(change.commit().await?)
    }

    /// Orders from a supplier by hand: most orders come of a buffer's alert.
    ///
    /// # Errors
    /// The product is not known or has no supplier, the order breaks the catalog's schema, or the database fails.
    pub async fn buy(
        &self,
        organization: &str,
        product: ProductQuantity,
        warehouse: &str,
        ordered_on: Date,
    ) -> Result<PurchaseOrderCreated, ExecutionError> {
        let ProductQuantity { product_id, quantity } = product;
        let mut change = self.database.begin().await?;
        let known = books::product(&mut change, organization, product_id).await?;
        let supplier_id = known.ok_or(ExecutionError::UnknownProduct(product_id))?.supplier_id;
        let chain = Uuid::now_v7();
        let want = Want {
            organization,
            product_id,
            supplier_id: supplier_id.ok_or(ExecutionError::NoSupplier(product_id))?,
            warehouse,
            quantity,
            ordered_on,
            alert_id: None,
            correlation_id: chain.to_string(),
        };
        let publisher = self.publisher(organization, chain);
        let order = want.order(&mut change, self.outbox(), &publisher).await?;
        change.commit().await?;
        Ok(order)
    }

    /// Takes in what a supplier delivers: all that was ordered.
    ///
    /// # Errors
    /// There is no such order outstanding, or the database fails.
    pub async fn receive(
        &self,
        organization: &str,
        purchase_order_id: Uuid,
    ) -> Result<(), ExecutionError> {
        let mut change = self.database.begin().await?;
        let purchase = books::receive(&mut change, organization, purchase_order_id).await?;
        let purchase = purchase.ok_or(ExecutionError::NothingToReceive(purchase_order_id))?;
        let outbox = self.outbox();
        // What came of an alert belongs to what led to the alert.
        let publisher = self.publisher(organization, purchase.correlation_id);
        let order = purchase.placed;
        let received = PurchaseOrderReceived {
            purchase_order_id,
            receipt_id: Uuid::now_v7(),
            warehouse: order.warehouse.clone(),
            items: quantities(&order.lines),
            complete: true,
            delivery_note: None,
        };
        outbox.publish(&mut change, publisher.purchase_order_received(received)).await?;
        for OrderLine { product_id, quantity, .. } in order.lines {
            let movement = Movement {
                organization,
                product_id,
                warehouse: &order.warehouse,
                change: quantity.cast_signed(),
                cause: InventoryUpdatedCause::Receipt { purchase_order_id },
            };
            movement.make(&mut change, outbox, &publisher).await?;
        }
        Ok(change.commit().await?)
    }

    /// Somebody has counted the stock of a product.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count(
        &self,
        organization: &str,
        product_id: Uuid,
        warehouse: &str,
        counted: u64,
    ) -> Result<(), ExecutionError> {
        let mut change = self.database.begin().await?;
        let on_hand = books::on_hand(&mut change, organization, product_id, warehouse).await?;
        let reason = InventoryUpdatedCauseAdjustmentReason::Count;
        let movement = Movement {
            organization,
            product_id,
            warehouse,
            change: counted.cast_signed() - on_hand.cast_signed(),
            cause: InventoryUpdatedCause::Adjustment { reason, note: None },
        };
        let publisher = self.publisher(organization, Uuid::now_v7());
        movement.make(&mut change, self.outbox(), &publisher).await?;
        Ok(change.commit().await?)
    }

    /// What is there of a product.
    ///
    /// # Errors
    /// The database fails.
    pub async fn on_hand(
        &self,
        organization: &str,
        product_id: Uuid,
        warehouse: &str,
    ) -> Result<u64, ExecutionError> {
        let mut db = self.database.pool.acquire().await?;
        Ok(books::on_hand(&mut db, organization, product_id, warehouse).await?)
    }

    /// The purchase orders that have not come.
    ///
    /// # Errors
    /// The database fails.
    pub async fn outstanding(
        &self,
        organization: &str,
    ) -> Result<Vec<PurchaseOrderCreated>, ExecutionError> {
        let mut db = self.database.pool.acquire().await?;
        Ok(books::outstanding(&mut db, organization).await?)
    }

    /// The sales orders that have not left, the oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn unshipped(&self, organization: &str) -> Result<Vec<Uuid>, ExecutionError> {
        let mut db = self.database.pool.acquire().await?;
        Ok(books::unshipped(&mut db, organization).await?)
    }

    fn publisher(
        &self,
        organization: &str,
        correlation_id: impl Into<String>,
    ) -> execution::Publisher {
        self.publisher.clone().organization(organization).correlation_id(correlation_id)
    }
}

async fn lines(
    db: &mut SqliteConnection,
    organization: &str,
    sold: Vec<SaleLine>,
) -> Result<Vec<OrderLine>, ExecutionError> {
    let mut lines = Vec::with_capacity(sold.len());
    for (line_number, SaleLine { product_id, quantity, unit_price }) in (1..).zip(sold) {
        let product = books::product(db, organization, product_id).await?;
        let sku = product.ok_or(ExecutionError::UnknownProduct(product_id))?.sku;
        lines.push(OrderLine { line_number, product_id, sku, quantity, unit_price });
    }
    Ok(lines)
}

/// All prices of an order are in one currency.
fn total(lines: &[SaleLine]) -> Money {
    let amounts =
        lines.iter().map(|line| line.unit_price.amount_minor.saturating_mul(line.quantity));
    let currency = lines.first().map_or("EUR", |line| &line.unit_price.currency);
    Money { amount_minor: amounts.sum(), currency: currency.to_owned() }
}

fn quantities(lines: &[OrderLine]) -> Vec<ProductQuantity> {
    let items = lines
        .iter()
        .map(|line| ProductQuantity { product_id: line.product_id, quantity: line.quantity });
    items.collect()
}

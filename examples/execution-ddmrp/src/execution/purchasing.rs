use event_catalog::execution::{PurchaseOrderCreated, Service};
use event_catalog::types::{Money, OrderLine};
use sqlx::SqliteConnection;
use tidings::outbox::SqliteOutbox;
use tidings::{Date, Publisher, Uuid};

use super::ExecutionError;
use super::books::{self, Purchase};
use crate::calendar::days_after;

/// What is to be bought.
pub(super) struct Want<'a> {
    pub(super) organization: &'a str,
    pub(super) product_id: Uuid,
    pub(super) supplier_id: Uuid,
    pub(super) warehouse: &'a str,
    pub(super) quantity: u64,
    /// The day on which it is ordered.
    pub(super) ordered_on: Date,
    /// The alert that it answers.
    pub(super) alert_id: Option<Uuid>,
    /// The chain of events that the order and all that comes of it belong to.
    pub(super) correlation_id: String,
}

impl Want<'_> {
    /// Places a purchase order, and has it told in the same transaction.
    pub(super) async fn order(
        self,
        db: &mut SqliteConnection,
        outbox: &SqliteOutbox,
        publisher: &Publisher<Service>,
    ) -> Result<PurchaseOrderCreated, ExecutionError> {
        let Self { organization, product_id, supplier_id, quantity, .. } = self;
        let product = books::product(db, organization, product_id).await?;
        let product = product.ok_or(ExecutionError::UnknownProduct(product_id))?;
        if !books::knows_supplier(db, organization, supplier_id).await? {
            return Err(ExecutionError::UnknownSupplier(supplier_id));
        }
        let number = books::purchases(db, organization).await? + 1;
        let Money { amount_minor, currency } = product.standard_cost.clone();
        let order = PurchaseOrderCreated {
            purchase_order_id: Uuid::now_v7(),
            number: format!("PO-{:04}-{number:05}", self.ordered_on.year()),
            supplier_id,
            warehouse: self.warehouse.to_owned(),
            lines: vec![OrderLine {
                line_number: 1,
                product_id,
                sku: product.sku,
                quantity,
                unit_price: product.standard_cost,
            }],
            total: Money { amount_minor: amount_minor.saturating_mul(quantity), currency },
            expected_on: days_after(self.ordered_on, product.lead_time_days),
            alert_id: self.alert_id,
        };
        let purchase = Purchase { placed: order.clone(), correlation_id: self.correlation_id };
        books::keep_purchase(db, organization, &purchase).await?;
        outbox.publish(db, publisher.publish(order.clone())).await?;
        Ok(order)
    }
}

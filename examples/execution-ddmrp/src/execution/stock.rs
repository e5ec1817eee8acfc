use event_catalog::execution::{InventoryUpdated, InventoryUpdatedCause, Service};
use sqlx::SqliteConnection;
use tidings::outbox::SqliteOutbox;
use tidings::{Publisher, Uuid};

use super::{ExecutionError, books};

/// A movement of stock.
pub(super) struct Movement<'a> {
    pub(super) organization: &'a str,
    pub(super) product_id: Uuid,
    pub(super) warehouse: &'a str,
    /// Stock units that come; negative when they go.
    pub(super) change: i64,
    pub(super) cause: InventoryUpdatedCause,
}

impl Movement<'_> {
    /// Moves the stock, and has it told in the same transaction. There is never less than nothing.
    pub(super) async fn make(
        self,
        db: &mut SqliteConnection,
        outbox: &SqliteOutbox,
        publisher: &Publisher<Service>,
    ) -> Result<(), ExecutionError> {
        let Self { organization, product_id, warehouse, change, cause } = self;
        let before = books::on_hand(db, organization, product_id, warehouse).await?;
        let on_hand = before.checked_add_signed(change);
        let on_hand = on_hand.ok_or_else(|| ExecutionError::OutOfStock {
            product_id,
            warehouse: warehouse.to_owned(),
            on_hand: before,
            asked: change.unsigned_abs(),
        })?;
        books::put(db, organization, product_id, warehouse, on_hand).await?;
        let movement = InventoryUpdated {
            movement_id: Uuid::now_v7(),
            product_id,
            warehouse: warehouse.to_owned(),
            change,
            on_hand,
            cause,
        };
        outbox.publish(db, publisher.publish(movement)).await?;
        Ok(())
    }
}

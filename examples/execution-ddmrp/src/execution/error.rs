use tidings::Uuid;
use tidings::outbox::OutboxError;

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecutionError {
    /// The catalog has not told of it, or not yet.
    #[error("the product {0} is not known")]
    UnknownProduct(Uuid),
    /// The catalog has not told of it, or not yet.
    #[error("the supplier {0} is not known")]
    UnknownSupplier(Uuid),
    /// We make it ourselves.
    #[error("the product {0} has no supplier")]
    NoSupplier(Uuid),
    /// There is no such purchase order, or it was received.
    #[error("of the purchase order {0} nothing is outstanding")]
    NothingToReceive(Uuid),
    /// There is no such sales order, or it was shipped.
    #[error("of the sales order {0} nothing is to be shipped")]
    NothingToShip(Uuid),
    /// There is less than that.
    #[error("there are {on_hand} of the product {product_id} in {warehouse}, not {asked}")]
    OutOfStock {
        /// The product.
        product_id: Uuid,
        /// The warehouse.
        warehouse: String,
        /// Stock units that are there.
        on_hand: u64,
        /// Stock units that are asked for.
        asked: u64,
    },
    /// The database does not do what it is asked.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// What is to be told breaks the catalog's schema, or cannot be written.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::event_handler;

#[derive(Debug)]
enum WarehouseError {
    OutOfStock,
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl std::fmt::Display for WarehouseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OutOfStock => f.write_str("out of stock"),
            Self::Other(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for WarehouseError {}

impl From<std::fmt::Error> for WarehouseError {
    fn from(error: std::fmt::Error) -> Self {
        Self::Other(Box::new(error))
    }
}

struct Warehouse;

#[event_handler]
impl inventory::Allocation for Warehouse {
    async fn order_created(
        &self,
        order: OrderCreated,
        cx: &inventory::Context,
    ) -> Result<(), WarehouseError> {
        let outcome = async { Err(std::fmt::Error) }.await;
        let _ = (order, cx);
        outcome?;
        if std::env::args().count() == 7 {
            return Err(WarehouseError::Other(Box::new(std::fmt::Error)));
        }
        Err(WarehouseError::OutOfStock)
    }
}

pub fn main() {
    let _ = inventory::Allocation::subscriber(Warehouse);
}

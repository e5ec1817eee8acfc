use event_catalog::catalog::{ProductCreated, ProductUpdated, SupplierCreated};
use event_catalog::execution::{self, Context};
use event_catalog::types::Product;
use sqlx::SqlitePool;
use tidings::{Handled, Uuid, event_handler};

use super::books;
use crate::journal::Journal;

/// Keeps the copy of products and suppliers: `catalog.>`. Each event carries all of what it is about, so that what comes twice or late
/// needs no inbox.
pub(super) struct CatalogSync {
    pub(super) pool: SqlitePool,
    pub(super) journal: Journal,
}

impl CatalogSync {
    async fn product(&self, product_id: Uuid, product: Product, cx: &Context) -> Handled {
        let (organization, mut db) = (cx.tenant()?, self.pool.acquire().await?);
        books::keep_product(&mut db, organization, product_id, &product, cx.sequence()).await?;
        self.journal.handled(cx);
        Ok(())
    }
}

#[event_handler]
impl execution::CatalogSync for CatalogSync {
    async fn product_created(&self, event: ProductCreated, cx: &Context) -> Handled {
        self.product(event.product_id, event.product, cx).await
    }

    async fn product_updated(&self, event: ProductUpdated, cx: &Context) -> Handled {
        self.product(event.product_id, event.product, cx).await
    }

    async fn supplier_created(&self, event: SupplierCreated, cx: &Context) -> Handled {
        let (organization, mut db) = (cx.tenant()?, self.pool.acquire().await?);
        books::keep_supplier(&mut db, organization, event.supplier_id).await?;
        self.journal.handled(cx);
        Ok(())
    }
}

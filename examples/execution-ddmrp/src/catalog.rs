//! The product catalog, as far as this story needs it: tells of suppliers and products.

use event_catalog::catalog::{self, ProductCreated, ProductUpdated, SupplierCreated};
use event_catalog::types::Product;
use tidings::{PublishError, Tidings, Uuid};

/// The commands of the product catalog, which an HTTP API would call after it has stored what they say.
pub struct Assortment(catalog::Publisher);

impl Assortment {
    /// The assortment of an organization.
    pub fn of(bus: &Tidings, organization: &str) -> Self {
        Self(catalog::Publisher::new(bus).organization(organization))
    }

    /// A supplier was added.
    ///
    /// # Errors
    /// The event is not stored, or it is not known whether it is.
    pub async fn add_supplier(&self, supplier: SupplierCreated) -> Result<(), PublishError> {
        self.0.supplier_created(supplier).await.map(drop)
    }

    /// A product was added; what it is called from now on.
    ///
    /// # Errors
    /// The event is not stored, or it is not known whether it is.
    pub async fn add(&self, product: Product) -> Result<Uuid, PublishError> {
        let product_id = Uuid::now_v7();
        self.0.product_created(ProductCreated { product_id, product }).await?;
        Ok(product_id)
    }

    /// A product changed in these properties.
    ///
    /// # Errors
    /// The event is not stored, or it is not known whether it is.
    pub async fn change(
        &self,
        product_id: Uuid,
        product: Product,
        changed: &[&str],
    ) -> Result<(), PublishError> {
        let changed = changed.iter().map(ToString::to_string).collect();
        self.0.product_updated(ProductUpdated { product_id, product, changed }).await.map(drop)
    }
}

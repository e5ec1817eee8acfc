use event_catalog::catalog::{self, ProductCreated, ProductUpdated, SupplierCreated};
use event_catalog::types::Product;
use tidings::{PublishError, Published, Tidings, Uuid};

/// The commands around products and suppliers, which an HTTP API would call after it has stored what they say.
pub struct Products(catalog::Publisher);

impl Products {
    /// Tells on this bus.
    pub fn new(bus: &Tidings) -> Self {
        Self(catalog::Publisher::new(bus))
    }

    /// A supplier was added.
    ///
    /// # Errors
    /// The event is not stored, or it is not known whether it is.
    pub async fn add_supplier(
        &self,
        organization: &str,
        supplier: SupplierCreated,
    ) -> Result<Published, PublishError> {
        self.0.clone().organization(organization).supplier_created(supplier).await
    }

    /// A product was added; what it is called from now on.
    ///
    /// # Errors
    /// The event is not stored, or it is not known whether it is.
    pub async fn add(&self, organization: &str, product: Product) -> Result<Uuid, PublishError> {
        let product_id = Uuid::now_v7();
        let publisher = self.0.clone().organization(organization);
        publisher.product_created(ProductCreated { product_id, product }).await?;
        Ok(product_id)
    }

    /// A product changed in these properties.
    ///
    /// # Errors
    /// The event is not stored, or it is not known whether it is.
    pub async fn change(
        &self,
        organization: &str,
        product_id: Uuid,
        product: Product,
        changed: &[&str],
    ) -> Result<Published, PublishError> {
        let changed = changed.iter().map(ToString::to_string).collect();
        let publisher = self.0.clone().organization(organization);
        publisher.product_updated(ProductUpdated { product_id, product, changed }).await
    }
}

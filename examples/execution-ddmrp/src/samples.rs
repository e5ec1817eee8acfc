//! The people and things of the story.

use event_catalog::catalog::{SupplierCreated, SupplierCreatedContact};
use event_catalog::types::{Address, Money, PersonName, Product, ProductStatus, ProductUnit};
use tidings::{Date, Uuid};

use crate::ddmrp::buffer::{Profile, Variability};

/// The warehouse of the story.
pub const WAREHOUSE: &str = "fra1";
/// The first planning day.
pub const MONDAY: Date = Date::constant(2026, 3, 2);
/// The second.
pub const TUESDAY: Date = Date::constant(2026, 3, 3);

/// A product with the planner's opinion of it, and what is there of it.
#[derive(Clone, Debug)]
pub struct Item {
    /// As the catalog tells of it.
    pub product: Product,
    /// As the planner sees it.
    pub profile: Profile,
    /// What is in the warehouse at the beginning.
    pub stock: u64,
    /// The price that customers pay.
    pub price: Money,
}

/// The supplier of everything.
pub fn supplier() -> SupplierCreated {
    SupplierCreated {
        supplier_id: Uuid::now_v7(),
        name: "Keramik Nord GmbH".to_owned(),
        address: Address {
            recipient: "Keramik Nord GmbH".to_owned(),
            lines: vec!["Am Kai 3, Halle B".to_owned()],
            postal_code: "20457".to_owned(),
            city: "Hamburg".to_owned(),
            region: None,
            country: "DE".to_owned(),
        },
        contact: SupplierCreatedContact {
            name: PersonName { given: "Mina".to_owned(), family: Some("Petersen".to_owned()) },
            email: "mina.petersen@supplier.example".to_owned(),
            phone: None,
        },
        currency: "EUR".to_owned(),
        payment_terms_days: 30,
    }
}

/// A mug: sold by the dozen, every day.
pub fn mug(supplier_id: Uuid) -> Item {
    item(supplier_id, "MUG-BLUE-350", 412, (10, 300), (Variability::Low, 42.5), 780)
}

/// A teapot: sold now and then.
pub fn teapot(supplier_id: Uuid) -> Item {
    item(supplier_id, "TEAPOT-1L", 1850, (5, 40), (Variability::Medium, 12.0), 150)
}

/// An espresso machine: nobody knows who buys the next one, and it is long in coming.
pub fn espresso_machine(supplier_id: Uuid) -> Item {
    item(supplier_id, "ESPRESSO-PRO", 64_900, (30, 10), (Variability::High, 3.0), 140)
}

/// A hotel.
pub fn customer() -> (Uuid, Address) {
    let address = Address {
        recipient: "Pension Abendrot".to_owned(),
        lines: vec!["Uferpromenade 44".to_owned()],
        postal_code: "88131".to_owned(),
        city: "Lindau".to_owned(),
        region: None,
        country: "DE".to_owned(),
    };
    (Uuid::from_u128(0x019a97b4_35c8_7384_95c0_af9d1fea47f0), address)
}

fn item(
    supplier_id: Uuid,
    sku: &str,
    cents: u64,
    (lead_time_days, minimum_order_quantity): (u64, u64),
    (variability, forecast): (Variability, f64),
    stock: u64,
) -> Item {
    let product = Product {
        sku: sku.to_owned(),
        name: sku.to_lowercase().replace('-', " "),
        description: None,
        category: "kitchen".to_owned(),
        unit: ProductUnit::Piece,
        standard_cost: euros(cents),
        lead_time_days,
        minimum_order_quantity,
        supplier_id: Some(supplier_id),
        status: ProductStatus::Active,
        attributes: Default::default(),
    };
    let profile = Profile { variability, order_cycle_days: 7, forecast };
    Item { product, profile, stock, price: euros(cents * 5 / 3) }
}

fn euros(amount_minor: u64) -> Money {
    Money { amount_minor, currency: "EUR".to_owned() }
}

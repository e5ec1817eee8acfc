//! The people and things of the story.

use auth_catalog::auth::Registration;
use event_catalog::catalog::{SupplierCreated, SupplierCreatedContact};
use event_catalog::types::{
    Address, Client, Money, PersonName, Product, ProductStatus, ProductUnit,
};
use tidings::Uuid;

/// What the accounts are opened with.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) fn person(given: &str, family: &str, domain: &str) -> Registration {
    Registration {
        email: format!("{}@{domain}.example", given.to_lowercase()),
        name: name(given, family),
        password: PASSWORD.to_owned(),
    }
}

pub(crate) fn name(given: &str, family: &str) -> PersonName {
    PersonName { given: given.to_owned(), family: Some(family.to_owned()) }
}

/// Where somebody sits.
pub(crate) fn client() -> Client {
    Client { ip_address: "203.0.113.24".to_owned(), user_agent: None }
}

pub(crate) fn supplier() -> SupplierCreated {
    SupplierCreated {
        supplier_id: Uuid::from_u128(0x0196ed22_c34d_71b2_b701_63dab332e623),
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
            name: name("Mina", "Petersen"),
            email: "mina.petersen@supplier.example".to_owned(),
            phone: None,
        },
        currency: "EUR".to_owned(),
        payment_terms_days: 30,
    }
}

/// A mug that costs so many cents.
pub(crate) fn mug(cents: u64) -> Product {
    Product {
        sku: "MUG-BLUE-350".to_owned(),
        name: "Blue mug".to_owned(),
        description: None,
        category: "kitchen/mugs".to_owned(),
        unit: ProductUnit::Piece,
        standard_cost: Money { amount_minor: cents, currency: "EUR".to_owned() },
        lead_time_days: 10,
        minimum_order_quantity: 300,
        supplier_id: Some(supplier().supplier_id),
        status: ProductStatus::Active,
        attributes: Default::default(),
    }
}

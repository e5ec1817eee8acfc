//! Orders to place.

use event_catalog::orders::OrderCreated;
use event_catalog::types::{Address, Money, OrderLine};
use tidings::{Timestamp, Uuid};

/// Whose shop it is.
pub(crate) const ORGANIZATION: &str = "acme";

const SHIPPING: u64 = 490;

struct Product {
    sku: &'static str,
    id: Uuid,
    price: u64,
}

const MUG: Product = Product {
    sku: "MUG-BLUE-350",
    id: Uuid::from_u128(0x01975e1c_46b0_711f_9892_be0728fce854),
    price: 1999,
};
const TEAPOT: Product = Product {
    sku: "TEAPOT-1L",
    id: Uuid::from_u128(0x01975e1d_2dc9_70d7_97ab_b8b92e5bbd6f),
    price: 4950,
};
const ESPRESSO_MACHINE: Product = Product {
    sku: "ESPRESSO-PRO",
    id: Uuid::from_u128(0x01975e1e_0c52_7d1a_8e0b_54f8a7e0c3d2),
    price: 129_900,
};
const FONDUE_SET: Product = Product {
    sku: "FONDUE-SET",
    id: Uuid::from_u128(0x01975e1f_91aa_7b4c_a6f3_0d2b9c6e7f18),
    price: 3450,
};

/// Two mugs: nothing about them is difficult.
pub(crate) fn mugs() -> OrderCreated {
    order(&[(&MUG, 2)])
}

/// Two mugs and a teapot, which only the warehouse with the bad line has.
pub(crate) fn teapot() -> OrderCreated {
    order(&[(&MUG, 2), (&TEAPOT, 1)])
}

/// More than the customer's card pays for.
pub(crate) fn espresso_machine() -> OrderCreated {
    order(&[(&ESPRESSO_MACHINE, 1)])
}

/// Something that no warehouse has: poison.
pub(crate) fn fondue_set() -> OrderCreated {
    order(&[(&FONDUE_SET, 1)])
}

/// Number `n` of many: now and then a bad line, a declined payment, or poison.
pub(crate) fn mixed(n: u64) -> OrderCreated {
    match n % 200 {
        199 => fondue_set(),
        99 => espresso_machine(),
        49 | 149 => teapot(),
        _ => mugs(),
    }
}

fn order(items: &[(&Product, u64)]) -> OrderCreated {
    let goods: u64 = items.iter().map(|(product, quantity)| product.price * quantity).sum();
    OrderCreated {
        order_id: Uuid::now_v7(),
        customer_id: Uuid::from_u128(0x019a97b4_35c8_7384_95c0_af9d1fea47f0),
        email: "ada@example.com".to_owned(),
        placed_at: Timestamp::now(),
        lines: (1..)
            .zip(items)
            .map(|(line_number, (product, quantity))| OrderLine {
                line_number,
                product_id: product.id,
                sku: product.sku.to_owned(),
                quantity: *quantity,
                unit_price: in_euros(product.price),
            })
            .collect(),
        shipping_fee: in_euros(SHIPPING),
        total: in_euros(goods + SHIPPING),
        shipping_address: Address {
            recipient: "Ada Example".to_owned(),
            lines: vec!["Hauptstrasse 12".to_owned()],
            postal_code: "60311".to_owned(),
            city: "Frankfurt am Main".to_owned(),
            region: None,
            country: "DE".to_owned(),
        },
        note: None,
    }
}

fn in_euros(amount_minor: u64) -> Money {
    Money { amount_minor, currency: "EUR".to_owned() }
}

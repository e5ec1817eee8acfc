//! The types of the golden catalog `schemas`, with serde's derives.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
pub(crate) struct Category {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<Box<Category>>,
    pub(crate) children: Vec<Category>,
}

#[derive(Deserialize, Serialize)]
pub(crate) enum Currency {
    #[serde(rename = "EUR")]
    Eur,
    #[serde(rename = "USD")]
    Usd,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Money {
    pub(crate) amount_minor: i64,
    #[serde(default = "defaults::money_currency")]
    pub(crate) currency: Currency,
    #[serde(default = "defaults::money_rounding")]
    pub(crate) rounding: MoneyRounding,
}

#[derive(Deserialize, Serialize)]
pub(crate) enum MoneyRounding {
    #[serde(rename = "up")]
    Up,
    #[serde(rename = "down")]
    Down,
}

#[derive(Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Sku(pub String);

#[derive(Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Tags(pub Vec<String>);

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChanged {
    pub(crate) sku: Sku,
    pub(crate) id: tidings::Uuid,
    pub(crate) at: tidings::Timestamp,
    pub(crate) on: tidings::Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<tidings::Timestamp>,
    pub(crate) state: ProductChangedState,
    pub(crate) price: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) old_price: Option<Money>,
    #[serde(default = "defaults::product_changed_currency")]
    pub(crate) currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) category: Option<Category>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tags: Option<Tags>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) type_: Option<String>,
    #[serde(rename = "self")]
    pub(crate) self_: bool,
    #[serde(rename = "camelCase", skip_serializing_if = "Option::is_none")]
    pub(crate) camel_case: Option<u64>,
    #[serde(rename = "with-dash", skip_serializing_if = "Option::is_none")]
    pub(crate) with_dash: Option<i64>,
    #[serde(deserialize_with = "Deserialize::deserialize")]
    pub(crate) note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) words: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) sizes: Vec<ProductChangedSizesItem>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) stock: BTreeMap<String, u64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) shelves: BTreeMap<String, ProductChangedShelvesValue>,
    pub(crate) extra: serde_json::Value,
    #[serde(default = "defaults::product_changed_count")]
    pub(crate) count: u64,
    #[serde(default = "defaults::product_changed_below")]
    pub(crate) below: i64,
    #[serde(default = "defaults::product_changed_share")]
    pub(crate) share: f64,
    #[serde(default = "defaults::product_changed_shown")]
    pub(crate) shown: bool,
    #[serde(default)]
    pub(crate) hidden: bool,
    #[serde(default = "defaults::product_changed_label")]
    pub(crate) label: String,
    #[serde(default = "defaults::product_changed_mode")]
    pub(crate) mode: ProductChangedMode,
    #[serde(default = "defaults::product_changed_list")]
    pub(crate) list: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) maker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) empty: Option<ProductChangedEmpty>,
    pub(crate) payment: ProductChangedPayment,
    pub(crate) address: ProductChangedAddress,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) former: Vec<ProductChangedAddress>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tree: Option<ProductChangedNode>,
}

#[derive(Deserialize, Serialize)]
pub(crate) enum ProductChangedState {
    #[serde(rename = "on-sale")]
    OnSale,
    #[serde(rename = "sold out")]
    SoldOut,
    #[serde(rename = "2nd")]
    _2nd,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChangedSizesItem {
    pub(crate) width: f64,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChangedShelvesValue {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) row: Option<String>,
}

#[derive(Deserialize, Serialize)]
pub(crate) enum ProductChangedMode {
    #[serde(rename = "fast")]
    Fast,
    #[serde(rename = "slow")]
    Slow,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChangedEmpty {}

#[derive(Deserialize, Serialize)]
#[serde(tag = "kind")]
pub(crate) enum ProductChangedPayment {
    #[serde(rename = "card")]
    Card {
        number: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        network: Option<ProductChangedPaymentCardNetwork>,
    },
    #[serde(rename = "cash")]
    Cash,
}

#[derive(Deserialize, Serialize)]
pub(crate) enum ProductChangedPaymentCardNetwork {
    #[serde(rename = "visa")]
    Visa,
    #[serde(rename = "other")]
    Other,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChangedAddress {
    pub(crate) street: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) lines: Vec<String>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChangedNode {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) left: Option<Box<ProductChangedNode>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) right: Option<Box<ProductChangedNode>>,
}

mod defaults {
    pub(super) fn money_currency() -> super::Currency {
        super::Currency::Eur
    }

    pub(super) fn money_rounding() -> super::MoneyRounding {
        super::MoneyRounding::Down
    }

    pub(super) fn product_changed_below() -> i64 {
        -3
    }

    pub(super) fn product_changed_count() -> u64 {
        5
    }

    pub(super) fn product_changed_currency() -> super::Currency {
        super::Currency::Usd
    }

    pub(super) fn product_changed_label() -> String {
        "none".to_owned()
    }

    pub(super) fn product_changed_list() -> Vec<String> {
        ::std::vec!["a".to_owned(), "b".to_owned()]
    }

    pub(super) fn product_changed_mode() -> super::ProductChangedMode {
        super::ProductChangedMode::Slow
    }

    pub(super) fn product_changed_share() -> f64 {
        0.5_f64
    }

    pub(super) fn product_changed_shown() -> bool {
        true
    }
}

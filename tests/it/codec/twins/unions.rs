//! The types of the golden catalog `unions`, with serde's derives.

use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
pub(crate) struct Card {
    pub(crate) kind: CardKind,
    pub(crate) number: String,
}

#[derive(Deserialize, Serialize)]
pub(crate) enum CardKind {
    #[serde(rename = "card")]
    Card,
}

#[derive(Deserialize, Serialize)]
pub(crate) enum Filter {
    #[serde(rename = "and")]
    And(Vec<Filter>),
    #[serde(rename = "not")]
    Not(Box<Filter>),
    #[serde(rename = "word")]
    Word(String),
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Transfer {
    pub(crate) kind: TransferKind,
    pub(crate) iban: String,
}

#[derive(Deserialize, Serialize)]
pub(crate) enum TransferKind {
    #[serde(rename = "transfer")]
    Transfer,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChanged {
    pub(crate) payment: ProductChangedPayment,
    pub(crate) animal: ProductChangedAnimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filter: Option<Filter>,
    pub(crate) id: ProductChangedId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<ProductChangedValue>,
    pub(crate) moved: ProductChangedMoved,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) color: Option<ProductChangedColor>,
    #[serde(default = "defaults::product_changed_tags")]
    pub(crate) tags: ProductChangedTags,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) sizes: Vec<Option<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) change: Option<ProductChangedChange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<ProductChangedLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) maybe: Option<Card>,
}

/// The generated one looks at `kind` first, which each alternative fixes.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
pub(crate) enum ProductChangedPayment {
    Card(Card),
    Transfer(Transfer),
}

/// The generated one has the tag in each of its alternatives.
#[derive(Deserialize, Serialize)]
#[serde(tag = "species", rename_all = "snake_case")]
pub(crate) enum ProductChangedAnimal {
    Cat {
        #[serde(skip_serializing_if = "Option::is_none")]
        indoor: Option<bool>,
    },
    Dog {
        #[serde(skip_serializing_if = "Option::is_none")]
        leash: Option<bool>,
    },
    Wolf {
        #[serde(skip_serializing_if = "Option::is_none")]
        leash: Option<bool>,
    },
}

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
pub(crate) enum ProductChangedId {
    Uuid(tidings::Uuid),
    Integer(u64),
}

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
pub(crate) enum ProductChangedValue {
    String(String),
    Number(f64),
    Boolean(bool),
}

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
pub(crate) enum ProductChangedMoved {
    ShelfAndRow(ProductChangedMovedShelfAndRow),
    Shelf(ProductChangedMovedShelf),
    Away(ProductChangedMovedAway),
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChangedMovedShelfAndRow {
    pub(crate) shelf: String,
    pub(crate) row: i64,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChangedMovedShelf {
    pub(crate) shelf: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChangedMovedAway {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
pub(crate) enum ProductChangedColor {
    Known(ProductChangedColorKnown),
    Other(String),
}

#[derive(Deserialize, Serialize)]
pub(crate) enum ProductChangedColorKnown {
    #[serde(rename = "red")]
    Red,
    #[serde(rename = "green")]
    Green,
}

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
pub(crate) enum ProductChangedTags {
    String(String),
    List(Vec<String>),
}

#[derive(Deserialize, Serialize)]
#[serde(tag = "kind")]
pub(crate) enum ProductChangedChange {
    #[serde(rename = "price")]
    Price {
        by: String,
        at: tidings::Timestamp,
        #[serde(skip_serializing_if = "Option::is_none")]
        amount: Option<i64>,
    },
    #[serde(rename = "name")]
    Name { by: String, at: tidings::Timestamp },
}

#[derive(Deserialize, Serialize)]
pub(crate) enum ProductChangedLevel {
    #[serde(rename = "low")]
    Low,
    #[serde(rename = "high")]
    High,
}

mod defaults {
    pub(super) fn product_changed_tags() -> super::ProductChangedTags {
        tidings::__private::from_catalog(r#""none""#)
    }
}

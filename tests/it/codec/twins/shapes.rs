//! The types of the golden catalog `shapes`, with serde's derives.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChanged {
    pub(crate) place: (f64, f64, ProductChangedPlaceItem2),
    pub(crate) color: [u64; 3],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) point: Option<(Option<String>,)>,
    pub(crate) nothing: (),
    pub(crate) version: ProductChangedVersion,
    #[serde(default = "defaults::product_changed_priority")]
    pub(crate) priority: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) factor: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revision: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) accepted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) symbol: Option<ProductChangedSymbol>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) width: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) height: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) largest: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wait: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) counts: BTreeMap<String, i64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attributes: Option<ProductChangedAttributes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) open: Option<ProductChangedOpen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nullable_list: Option<Vec<String>>,
    #[serde(default = "defaults::product_changed_nullable_default")]
    pub(crate) nullable_default: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) null_default: Option<String>,
    #[serde(default = "defaults::product_changed_address")]
    pub(crate) address: ProductChangedAddress,
    #[serde(default = "defaults::product_changed_since")]
    pub(crate) since: tidings::Date,
    #[serde(default = "defaults::product_changed_fixed")]
    pub(crate) fixed: [String; 2],
    #[serde(rename = "+1")]
    pub(crate) plus_1: i64,
    #[serde(rename = "-1", skip_serializing_if = "Option::is_none")]
    pub(crate) minus_1: Option<i64>,
    #[serde(rename = "@type", skip_serializing_if = "Option::is_none")]
    pub(crate) type_: Option<String>,
    #[serde(rename = "1", skip_serializing_if = "Option::is_none")]
    pub(crate) _1: Option<String>,
    #[serde(rename = "", skip_serializing_if = "Option::is_none")]
    pub(crate) empty: Option<String>,
    #[serde(rename = "r#fn", skip_serializing_if = "Option::is_none")]
    pub(crate) r_fn: Option<String>,
    #[serde(rename = "async", skip_serializing_if = "Option::is_none")]
    pub(crate) async_: Option<String>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChangedPlaceItem2 {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

#[derive(Deserialize, Serialize)]
pub(crate) enum ProductChangedVersion {
    #[serde(rename = "v1")]
    V1,
}

#[derive(Deserialize, Serialize)]
pub(crate) enum ProductChangedSymbol {
    #[serde(rename = ">")]
    Greater,
    #[serde(rename = ">=")]
    GreaterEqual,
    #[serde(rename = "+1")]
    Plus1,
    #[serde(rename = "-1")]
    Minus1,
    #[serde(rename = "")]
    Empty,
    #[serde(rename = "type")]
    Type,
    #[serde(rename = "Self")]
    Self_,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChangedAttributes {
    pub(crate) name: String,
    pub(crate) extra: bool,
    #[serde(flatten)]
    pub(crate) extra_: BTreeMap<String, i64>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChangedOpen {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(flatten)]
    pub(crate) extra: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ProductChangedAddress {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) city: Option<String>,
}

mod defaults {
    pub(super) fn product_changed_address() -> super::ProductChangedAddress {
        tidings::__private::from_catalog(r#"{"city":"Berlin"}"#)
    }

    pub(super) fn product_changed_fixed() -> [String; 2] {
        ["a".to_owned(), "b".to_owned()]
    }

    pub(super) fn product_changed_nullable_default() -> Option<String> {
        Some("x".to_owned())
    }

    pub(super) fn product_changed_priority() -> i64 {
        2
    }

    pub(super) fn product_changed_since() -> tidings::Date {
        tidings::__private::from_catalog(r#""2026-03-02""#)
    }
}

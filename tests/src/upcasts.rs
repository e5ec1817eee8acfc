//! The links that the golden catalogs leave to Rust.

use tidings::{Upcast, UpcastError};

use crate::golden::versions::orders::{v2, v3};

impl Upcast<v2::OrderShipped> for v3::OrderShipped {
    fn upcast(old: v2::OrderShipped) -> Result<Self, UpcastError> {
        let grams = (old.parcel.kilograms * 1000.0).round() as i64;
        let grams = u64::try_from(grams)?;
        let parcel = v3::OrderShippedParcelsItem { grams, carrier: old.parcel.carrier };
        Ok(Self { order_id: old.order_id, parcels: vec![parcel] })
    }
}

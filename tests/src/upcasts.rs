//! The links that the catalogs leave to Rust.

use tidings::{Upcast, UpcastError};

use crate::catalog::{parcels, postage};
use crate::golden::versions::orders::{v2, v3};

impl Upcast<parcels::v2::ParcelMeasured> for parcels::v3::ParcelMeasured {
    fn upcast(old: parcels::v2::ParcelMeasured) -> Result<Self, UpcastError> {
        if old.kilograms < 0.0 {
            return Err(UpcastError::because(format!("{} kg is no weight", old.kilograms)));
        }
        assert!(old.kilograms < 1e6, "no scale shows as much");
        let unit = parcels::v3::ParcelMeasuredWeightUnit::Kg;
        let weight = parcels::v3::ParcelMeasuredWeight { amount: old.kilograms, unit };
        Ok(Self { parcel_id: old.parcel_id, weight, note: old.note, photo: None })
    }
}

impl Upcast<v2::OrderShipped> for v3::OrderShipped {
    fn upcast(old: v2::OrderShipped) -> Result<Self, UpcastError> {
        let grams = (old.parcel.kilograms * 1000.0).round() as i64;
        let grams = u64::try_from(grams)?;
        let parcel = v3::OrderShippedParcelsItem { grams, carrier: old.parcel.carrier };
        Ok(Self { order_id: old.order_id, parcels: vec![parcel] })
    }
}

impl Upcast<postage::v1::CardCharged> for postage::v2::CardCharged {
    fn upcast(old: postage::v1::CardCharged) -> Result<Self, UpcastError> {
        let cents = old.euros.checked_mul(100);
        let cents = cents.ok_or_else(|| UpcastError::because("nobody has so much"))?;
        Ok(Self { card_id: old.card_id, cents })
    }
}

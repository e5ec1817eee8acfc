//! Versions that only a newer catalog knows.

use serde::{Deserialize, Serialize};
use tidings::__private::{Downcast, Step};
use tidings::{Event, EventSpec, Invalid, InvalidToken, PublishedBy, Subject, Version};

use crate::fixture::catalog::parcels::v2;
use crate::fixture::catalog::{courier, parcels};

/// Declares an event of a version, and what it is published as too.
macro_rules! newer {
    ($(#[$docs:meta])* $name:ident { $($field:ident: $type:ty),* } $major:literal $minor:literal $(, $downcast:expr)?) => {
        $(#[$docs])*
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct $name {
            pub(super) parcel_id: String,
            $( pub(super) $field: $type, )*
        }

        impl Event for $name {
            type Contract = Self;

            const SPEC: &'static EventSpec = &EventSpec::new(
                v2::ParcelMeasured::SPEC.event_type,
                Version::new($major, $minor),
                "urn:fixture:parcels.parcel.measured:newer",
                v2::ParcelMeasured::SPEC.stream,
                v2::ParcelMeasured::SPEC.filter,
                &[],
            )
            $( .with_downcast(const { &$downcast }) )?;

            fn subject(&self) -> Result<Subject, InvalidToken> {
                Ok(Subject::from_catalog(parcels::subjects::PARCEL_MEASURED))
            }

            fn key(&self) -> Option<String> {
                Some(self.parcel_id.clone())
            }

            fn validate(&self) -> Result<(), Invalid> {
                Ok(())
            }
        }

        impl PublishedBy<courier::Service> for $name {}
    };
}

newer! {
    /// Version 2.3, which has one more property than the catalog's 2.1.
    NewerMinor { kilograms: f64, scale: String, note: String, operator: String } 2 3
}

newer! {
    /// Version 9, and nothing else.
    Ninth {} 9 0
}

newer! {
    /// Version 9, and for older readers 2 and, as that one says, 1.
    NinthAndSecond {} 9 0,
    Downcast::new::<v2::ParcelMeasured>(const {
        &[Step::set("/kilograms", "9.0"), Step::set("/scale", r#""digital""#)]
    })
}

newer! {
    /// Version 8, and nothing else.
    Eighth {} 8 0
}

newer! {
    /// Versions 9 and 8.
    NinthAndEighth {} 9 0, Downcast::new::<Eighth>(&[])
}

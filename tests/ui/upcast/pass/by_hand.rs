#![deny(warnings)]
// What the code generator writes for `upcast: { from: 1.0, by: rust }`.

pub mod v1 {
    use serde::{Deserialize, Serialize};
    use tidings::{Event, EventSpec, Invalid, InvalidToken, Subject, Version};

    #[derive(Serialize, Deserialize)]
    pub struct OrderPlaced {}

    impl Event for OrderPlaced {
        type Contract = Self;

        const SPEC: &'static EventSpec = &EventSpec::new(
            "orders.order.placed",
            Version::new(1, 0),
            "urn:shop:orders.order.placed:1.0",
            "ORDERS_EVENTS",
            "orders.order.placed",
            &[],
        );

        fn subject(&self) -> Result<Subject, InvalidToken> {
            Ok(Subject::from_catalog("orders.order.placed"))
        }

        fn key(&self) -> Option<String> {
            None
        }

        fn validate(&self) -> Result<(), Invalid> {
            Ok(())
        }
    }
}

pub mod v2 {
    use serde::{Deserialize, Serialize};
    use tidings::{Event, EventSpec, Invalid, InvalidToken, Subject, Version};

    #[derive(Serialize, Deserialize)]
    pub struct OrderPlaced {}

    impl Event for OrderPlaced {
        type Contract = Self;

        const SPEC: &'static EventSpec = &EventSpec::new(
            "orders.order.placed",
            Version::new(2, 0),
            "urn:shop:orders.order.placed:2.0",
            "ORDERS_EVENTS",
            "orders.order.placed",
            &[],
        )
        .with_upcast(
            const { &tidings::__private::Link::by_hand::<super::v1::OrderPlaced, Self>() },
        );

        fn subject(&self) -> Result<Subject, InvalidToken> {
            Ok(Subject::from_catalog("orders.order.placed"))
        }

        fn key(&self) -> Option<String> {
            None
        }

        fn validate(&self) -> Result<(), Invalid> {
            Ok(())
        }
    }
}

impl tidings::Upcast<v1::OrderPlaced> for v2::OrderPlaced {
    fn upcast(_old: v1::OrderPlaced) -> Result<Self, tidings::UpcastError> {
        // Any error converts.
        let _year: u16 = "2026".parse()?;
        Ok(Self {})
    }
}

pub fn main() {
    use tidings::Event as _;
    let links: Vec<_> = v2::OrderPlaced::SPEC.upcasts_from().map(|older| older.version).collect();
    assert_eq!(links, [tidings::Version::new(1, 0)]);
}

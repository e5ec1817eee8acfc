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
        .with_upcast(const {
            &tidings::__private::Link::by_hand::<super::v1::OrderPlaced, Self>()
        });

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

fn main() {}

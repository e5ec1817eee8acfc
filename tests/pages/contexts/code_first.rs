use serde::{Deserialize, Serialize};
use tidings::code_first::{Entry, assert_matches_catalog};
use tidings::{Event, JsonSchema, Timestamp, Uuid};

use crate::shop::orders;

shown!(1);

shown!(2);

mod drifted {
    use tidings::{EventSpec, InvalidToken, Subject};

    use super::*;

    #[derive(Serialize, Deserialize, JsonSchema)]
    #[schemars(crate = "tidings::schemars")]
    struct Shipped {
        order_id: String,
        carrier: String,
    }

    impl Event for Shipped {
        type Contract = orders::OrderShipped;

        const SPEC: &'static EventSpec = orders::OrderShipped::SPEC;

        fn subject(&self) -> Result<Subject, InvalidToken> {
            unreachable!("it is never published")
        }

        fn key(&self) -> Option<String> {
            None
        }
    }

    #[test]
    fn it_is_told_as_shown() {
        let told =
            std::panic::catch_unwind(assert_matches_catalog::<Shipped>).expect_err("drifted");
        let told = told.downcast_ref::<String>().expect("a message");
        let blocks = crate::markdown::blocks();
        let shown =
            blocks.iter().find(|block| crate::texts::name(block) == "docs/code-first.md text 1");
        // The first line says where the struct is.
        let shown = shown.expect("a message").text.lines().skip(1);
        assert_eq!(shown.collect::<Vec<_>>(), told.lines().skip(1).collect::<Vec<_>>());
    }
}

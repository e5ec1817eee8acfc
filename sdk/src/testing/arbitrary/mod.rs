//! Events that nobody thought of, by the schemas of the catalog.
//!
//! `value` makes JSON of a schema, `number` and `text` make what is in it. A schema is read as the catalog's compiler writes it:
//! self-contained, without `allOf` but for several patterns, and with `oneOf` only where alternatives exclude each other.

mod number;
mod text;
mod value;

use std::fmt::Debug;

use proptest::strategy::Strategy;

use self::value::Document;
use crate::Event;

/// Any valid event of a type: what its schema allows, and nothing else.
///
/// ```
/// use event_catalog::orders::OrderCreated;
/// use proptest::prelude::*;
/// use tidings::{Event, testing};
///
/// proptest! {
///     # #![proptest_config(ProptestConfig::with_cases(8))]
///     # fn hidden(order in testing::any::<OrderCreated>()) {
///     #     prop_assert_eq!(order.validate(), Ok(()));
///     # }
///     #[test]
///     fn every_order_can_be_written_and_read(order in testing::any::<OrderCreated>()) {
///         let written = serde_json::to_string(&order)?;
///         prop_assert_eq!(serde_json::from_str::<OrderCreated>(&written)?, order);
///     }
/// }
/// # hidden();
/// ```
///
/// Numbers are as large as the schema lets them be, texts are of all characters, lists are short, and what is optional is
/// missing now and then: what your code takes for granted without the schema saying so is found. With `prop_map`, parts of it
/// are made to be what a test is about.
///
/// # Panics
/// A `pattern` of the schema looks ahead or behind, which no generator can; the message says which one.
#[expect(clippy::test_attr_in_doctest, reason = "it shows a test; the hidden one runs")]
pub fn any<E: Event + Debug>() -> impl Strategy<Value = E> {
    let event_type = E::SPEC.event_type;
    let document = Document::read(event_type, E::SPEC.schema);
    let values = value::of(&document);
    values.prop_filter_map(format!("not a valid `{event_type}`"), |value| {
        let event: E = serde_json::from_value(value).ok()?;
        event.validate().is_ok().then_some(event)
    })
}

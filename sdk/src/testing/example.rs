use crate::Event;

/// The catalog's first example of an event, to begin a test's own with:
///
/// ```
/// use event_catalog::orders::OrderCreated;
/// use tidings::testing::example;
///
/// let order = OrderCreated { lines: Vec::new(), ..example() };
/// ```
///
/// # Panics
/// The catalog has none.
#[must_use]
pub fn example<E: Event>() -> E {
    let examples = examples();
    let first = examples.into_iter().next();
    first.unwrap_or_else(|| panic!("the catalog has no example of `{}`", E::SPEC.event_type))
}

/// The catalog's examples of an event, in its order.
///
/// ```
/// use event_catalog::user::UserCreated;
/// use tidings::Event as _;
/// use tidings::testing::examples;
///
/// for user in examples::<UserCreated>() {
///     assert_eq!(user.validate(), Ok(()));
/// }
/// ```
///
/// # Panics
/// The type is not that of the event.
#[must_use]
pub fn examples<E: Event>() -> Vec<E> {
    let read = |example: &&str| {
        serde_json::from_str(example)
            .unwrap_or_else(|error| panic!("an example of `{}`: {error}", E::SPEC.event_type))
    };
    E::SPEC.examples.iter().map(read).collect()
}

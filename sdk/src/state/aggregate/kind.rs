//! What generated code says about aggregates.

use std::fmt::Display;

use crate::contract::subject::{InvalidToken, check_token};
use crate::{Accepts, Event, EventUnion, PublishedBy, Service};

/// An aggregate of the catalog. A domain's generated module `aggregates` holds a marker type for each.
pub trait Kind: Send + Sync + 'static {
    /// The newest version of each of its events, as a list: `(first, (second, ()))`.
    #[doc(hidden)]
    type Events;

    /// What the catalog says about it.
    const SPEC: &'static AggregateSpec;
}

/// What the catalog says about an aggregate.
///
/// ```
/// use event_catalog::orders::aggregates::Order;
/// use tidings::aggregate::Kind as _;
///
/// assert_eq!((Order::SPEC.name, Order::SPEC.id), ("orders.order", "order_id"));
/// assert_eq!(Order::SPEC.filter("4711")?, "orders.order.4711.>");
/// # Ok::<(), tidings::InvalidToken>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct AggregateSpec {
    /// Its name, with the domain: `orders.order`. The subjects of its events begin with it, and its id follows.
    pub name: &'static str,
    /// The property that holds its id: `order_id`.
    pub id: &'static str,
    /// The stream that stores its events.
    pub stream: &'static str,
}

impl AggregateSpec {
    #[doc(hidden)]
    pub const fn new(name: &'static str, id: &'static str, stream: &'static str) -> Self {
        Self { name, id, stream }
    }

    /// The filter that matches the events of one of them, and of no other.
    ///
    /// # Errors
    /// The id cannot be a token of a subject.
    pub fn filter(&self, id: impl Display) -> Result<String, InvalidToken> {
        let id = id.to_string();
        check_token(&id).map_err(|fault| InvalidToken::new(self.id, &id, fault))?;
        Ok(format!("{}.{id}.>", self.name))
    }
}

/// The event belongs to the aggregate `K` of the catalog.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no event of the aggregate `{K}`",
    label = "not an event of this aggregate",
    note = "the aggregate `orders.order` has the events whose types begin with `orders.order.`"
)]
pub trait EventOf<K: Kind>: Event {}

/// A union that has a variant for each event of the aggregate `K`, and no others.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a union of the events of `{K}`",
    label = "lacks one of its events, or has another"
)]
pub trait HistoryOf<K: Kind> {}

impl<U, K> HistoryOf<K> for U
where
    K: Kind,
    U: EventUnion,
    U::Contracts: AllOf<K>,
    K::Events: CoveredBy<U>,
{
}

/// A union of events of the aggregate `K` that the service `S` publishes, each of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a union of events of `{K}` that `{S}` publishes",
    label = "has one that the service does not publish",
    note = "append a union of its own that has only those"
)]
pub trait PublishableBy<S: Service, K: Kind>: EventUnion {}

impl<U, S, K> PublishableBy<S, K> for U
where
    S: Service,
    K: Kind,
    U: EventUnion,
    U::Contracts: AllOf<K> + AllPublishedBy<S>,
{
}

/// A list of events of the aggregate `K`.
#[doc(hidden)]
pub trait AllOf<K: Kind> {}

impl<K: Kind> AllOf<K> for () {}

impl<K: Kind, E: EventOf<K>, Rest: AllOf<K>> AllOf<K> for (E, Rest) {}

/// A list of events each of which the union `U` has a variant for.
#[doc(hidden)]
pub trait CoveredBy<U> {}

impl<U> CoveredBy<U> for () {}

impl<U: Accepts<E>, E, Rest: CoveredBy<U>> CoveredBy<U> for (E, Rest) {}

/// A list of events that the service `S` publishes.
#[doc(hidden)]
pub trait AllPublishedBy<S: Service> {}

impl<S: Service> AllPublishedBy<S> for () {}

impl<S: Service, E: PublishedBy<S>, Rest: AllPublishedBy<S>> AllPublishedBy<S> for (E, Rest) {}

//! State that is made of events, and changed by appending some.
//!
//! The catalog declares an aggregate in its domain's file; each of its events then lies on a subject with the aggregate's
//! id: `stock.item.{sku}.received`. An [`Aggregate`] is a type of your own that is made of these events. [`load`] reads
//! one, [`append`] adds events to it if nobody else has meanwhile, and [`execute`] does both and decides again after a
//! conflict.
//!
//! ```yaml
//! # orders/domain.yaml
//! domain: orders
//! stream: { max_age: unlimited, max_bytes: unlimited }
//! aggregates: { order: { id: order_id } }
//! ```
//!
//! ```no_run
//! # mod orders {
//! #     pub use event_catalog::orders::*;
//! #     pub mod aggregates {
//! #         pub enum Order {}
//! #         impl tidings::aggregate::Kind for Order {
//! #             type Events = (super::OrderCreated, (super::OrderStatusChanged, ()));
//! #             const SPEC: &'static tidings::aggregate::AggregateSpec =
//! #                 &tidings::aggregate::AggregateSpec::new("orders.order", "order_id", "ORDERS_EVENTS");
//! #         }
//! #         impl tidings::aggregate::EventOf<Order> for super::OrderCreated {}
//! #         impl tidings::aggregate::EventOf<Order> for super::OrderStatusChanged {}
//! #     }
//! # }
//! use event_catalog::types::OrderStatus;
//! use orders::{OrderCreated, OrderStatusChanged};
//! use tidings::EventUnion;
//! use tidings::aggregate::Aggregate;
//!
//! #[derive(EventUnion)]
//! enum OrderEvent {
//!     Created(Box<OrderCreated>),
//!     StatusChanged(OrderStatusChanged),
//! }
//!
//! #[derive(Default)]
//! struct Order {
//!     status: Option<OrderStatus>,
//! }
//!
//! impl Aggregate for Order {
//!     type Kind = orders::aggregates::Order;
//!     type Event = OrderEvent;
//!
//!     fn apply(&mut self, event: OrderEvent) {
//!         self.status = match event {
//!             OrderEvent::Created(_) => Some(OrderStatus::Pending),
//!             OrderEvent::StatusChanged(change) => Some(change.status),
//!         };
//!     }
//! }
//!
//! #[derive(Debug)]
//! struct TooLate;
//!
//! impl Order {
//!     /// Decides what happens, and has no effect of its own.
//!     fn step(&self, to: OrderStatusChanged) -> Result<Vec<OrderEvent>, TooLate> {
//!         match self.status {
//!             None | Some(OrderStatus::Cancelled) => Err(TooLate),
//!             Some(status) if status == to.status => Ok(Vec::new()),
//!             Some(_) => Ok(vec![to.into()]),
//!         }
//!     }
//! }
//!
//! # async fn ship(
//! #     publisher: orders::Publisher,
//! #     shipped: OrderStatusChanged,
//! # ) -> Result<(), tidings::aggregate::ExecuteError<TooLate>> {
//! let orders = publisher.aggregates::<Order>();
//! let order = orders.execute(shipped.order_id, |order| order.step(shipped.clone())).await?;
//! println!("{:?} after {} events", order.status, order.version());
//! # Ok(())
//! # }
//! ```
//!
//! [`load`]: History::load
//! [`append`]: Aggregates::append
//! [`execute`]: Aggregates::execute

mod aggregates;
mod append;
mod error;
mod history;
mod kind;
mod loaded;
mod snapshot;
mod written;

pub use aggregates::Aggregates;
pub use error::{AppendError, ExecuteError, LoadError, Unreadable};
pub use history::History;
pub use kind::{AggregateSpec, EventOf, HistoryOf, Kind, PublishableBy};
#[doc(hidden)]
pub use kind::{AllOf, AllPublishedBy, CoveredBy};
pub use loaded::Loaded;
pub use snapshot::Snapshot;

use crate::EventUnion;

/// State that is made of the events of one aggregate.
///
/// It begins as its [`Default`]. What may happen is decided by methods of its own, which give events or say why not; what
/// has happened is told to [`apply`](Self::apply), which only takes note: an event of the past cannot be refused.
///
/// ```
/// use event_catalog::orders::{self, OrderCreated, OrderStatusChanged};
/// use event_catalog::types::OrderStatus;
/// use tidings::EventUnion;
/// use tidings::aggregate::Aggregate;
///
/// #[derive(EventUnion)]
/// enum OrderEvent {
///     Created(Box<OrderCreated>),
///     StatusChanged(OrderStatusChanged),
/// }
///
/// #[derive(Default)]
/// struct Order {
///     status: Option<OrderStatus>,
/// }
///
/// impl Aggregate for Order {
///     type Kind = orders::aggregates::Order;
///     type Event = OrderEvent;
///
///     fn apply(&mut self, event: OrderEvent) {
///         self.status = match event {
///             OrderEvent::Created(_) => Some(OrderStatus::Pending),
///             OrderEvent::StatusChanged(change) => Some(change.status),
///         };
///     }
/// }
///
/// let mut order = Order::default();
/// order.apply(tidings::testing::example::<OrderStatusChanged>().into());
/// assert!(order.status.is_some()); // a test of it needs no broker
/// ```
pub trait Aggregate: Default + Send + Sync + 'static {
    /// Which aggregate of the catalog it is: `orders::aggregates::Order`.
    type Kind: Kind;
    /// Its events: a union with a variant for each that the catalog has of it.
    type Event: EventUnion + HistoryOf<Self::Kind>;

    /// Takes note of an event.
    fn apply(&mut self, event: Self::Event);
}

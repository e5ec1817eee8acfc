//! State that is made of events, and changed by appending some.
//!
//! The catalog declares an aggregate in its domain's file; each of its events then lies on a subject with the aggregate's
//! id: `stock.item.{sku}.received`. An [`Aggregate`] is a type of your own that is made of these events. [`load`] reads
//! one, [`append`] adds events to it if nobody else has meanwhile, and [`execute`] does both and decides again after a
//! conflict.
//!
//! ```no_run
//! # use tidings::golden_free as _;
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
pub trait Aggregate: Default + Send + Sync + 'static {
    /// Which aggregate of the catalog it is: `orders::aggregates::Order`.
    type Kind: Kind;
    /// Its events: a union with a variant for each that the catalog has of it.
    type Event: EventUnion + HistoryOf<Self::Kind>;

    /// Takes note of an event.
    fn apply(&mut self, event: Self::Event);
}

use std::fmt::{self, Display};
use std::marker::PhantomData;

use super::{Aggregate, History, LoadError, Loaded};
use crate::publisher::Origin;
use crate::{Context, Publisher, Service};

/// How often a decision is tried.
const ATTEMPTS: u32 = 10;

/// Reads aggregates, and changes them by appending events that the service `S` publishes. Cheap to clone.
///
/// Made by a [publisher](Publisher::aggregates), or by a handler's [context](Context::aggregates); what is appended has
/// their organization, correlation and cause, as everything that they publish.
///
/// ```no_run
/// use std::num::NonZeroU64;
///
/// use event_catalog::orders::{self, OrderStatusChanged};
/// use tidings::Tidings;
/// use tidings::aggregate::{AppendError, ExecuteError, PublishableBy, Snapshot};
///
/// async fn ship<Order, U>(
///     bus: &Tidings,
///     publisher: &orders::Publisher,
///     shipped: OrderStatusChanged,
/// ) -> Result<(), Box<dyn std::error::Error>>
/// where
///     Order: Snapshot<Kind = orders::aggregates::Order>,
///     U: PublishableBy<orders::Service, Order::Kind> + From<OrderStatusChanged> + Into<Order::Event>,
/// {
///     let every = NonZeroU64::new(100).expect("not zero");
///     let orders = publisher.aggregates::<Order>().snapshots(bus.bucket("snapshots")?, every).attempts(3);
///
///     // Decided on what there is; and anew, where somebody else was faster.
///     let decide = |_: &Order| Ok::<_, std::io::Error>([U::from(shipped.clone())]);
///     match orders.execute(shipped.order_id, decide).await {
///         Ok(order) => println!("{} events", order.version()),
///         Err(ExecuteError::Refused(reason)) => println!("no: {reason}"),
///         Err(error) => return Err(error.into()),
///     }
///
///     // The same by hand.
///     let mut order = orders.load(shipped.order_id).await?;
///     match orders.append(&mut order, [U::from(shipped.clone())]).await {
///         Err(AppendError::Conflict { .. }) => orders.refresh(&mut order).await?,
///         appended => println!("{} are stored", appended?.len()),
///     }
///
///     // More than a thousand, or on nats-server 2.11: one behind the other.
///     let many = std::iter::repeat_n(shipped, 2000).map(U::from);
///     orders.one_by_one().append(&mut order, many).await?;
///     Ok(())
/// }
/// ```
pub struct Aggregates<A, S> {
    pub(super) history: History<A>,
    pub(super) origin: Origin,
    pub(super) attempts: u32,
    pub(super) one_by_one: bool,
    service: PhantomData<fn() -> S>,
}

impl<S: Service> Publisher<S> {
    /// Aggregates that are changed by events of this publisher; see [`aggregate`](crate::aggregate).
    ///
    /// ```no_run
    /// use tidings::aggregate::Aggregate;
    /// use tidings::{Publisher, Service};
    ///
    /// async fn look<A: Aggregate, S: Service>(publisher: Publisher<S>) -> Result<(), Box<dyn std::error::Error>> {
    ///     let one = publisher.aggregates::<A>().load("MUG-BLUE-350").await?;
    ///     println!("{} events", one.version());
    ///     Ok(())
    /// }
    /// ```
    pub fn aggregates<A: Aggregate>(&self) -> Aggregates<A, S> {
        Aggregates::new(self.origin().clone())
    }
}

impl<S: Service> Context<S> {
    /// Aggregates that are changed by events that follow from this one; see [`aggregate`](crate::aggregate). Appending the
    /// same in a further attempt stores it once, within the stream's duplicate window.
    ///
    /// ```no_run
    /// use tidings::aggregate::Aggregate;
    /// use tidings::{Context, Handled, Service};
    ///
    /// async fn look<A: Aggregate, S: Service>(cx: &Context<S>) -> Handled {
    ///     let one = cx.aggregates::<A>().load("MUG-BLUE-350").await?;
    ///     println!("{} events", one.version());
    ///     Ok(())
    /// }
    /// ```
    pub fn aggregates<A: Aggregate>(&self) -> Aggregates<A, S> {
        Aggregates::new(self.origin().clone())
    }
}

impl<A: Aggregate, S: Service> Aggregates<A, S> {
    fn new(origin: Origin) -> Self {
        let history = History::new(origin.bus.clone(), origin.organization.clone());
        Self { history, origin, attempts: ATTEMPTS, one_by_one: false, service: PhantomData }
    }
}

impl<A: Aggregate, S> Aggregates<A, S> {
    /// How often [`execute`](Self::execute) decides, if others append in between: 10 times unless something else is said.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Appends several events one after the other instead of all or not at all: for nats-server 2.11, and
    /// for more than 1,000 events. Each expects the one before, so that nothing comes in between unnoticed; where it
    /// breaks off, [`AppendError::InPart`](super::AppendError::InPart) says after how many.
    #[must_use]
    pub fn one_by_one(mut self) -> Self {
        self.one_by_one = true;
        self
    }

    /// The aggregate as its events have made it; see [`History::load`].
    ///
    /// # Errors
    /// As of [`History::load`].
    pub async fn load(&self, id: impl Display) -> Result<Loaded<A>, LoadError> {
        self.history.load(id).await
    }

    /// Brings it to what has happened since it was loaded.
    ///
    /// # Errors
    /// As of [`History::load`].
    pub async fn refresh(&self, loaded: &mut Loaded<A>) -> Result<(), LoadError> {
        self.history.refresh(loaded).await
    }
}

impl<A, S> Clone for Aggregates<A, S> {
    fn clone(&self) -> Self {
        Self {
            history: self.history.clone(),
            origin: self.origin.clone(),
            attempts: self.attempts,
            one_by_one: self.one_by_one,
            service: PhantomData,
        }
    }
}

impl<A, S: Service> fmt::Debug for Aggregates<A, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aggregates")
            .field("history", &self.history)
            .field("service", &S::SPEC.name)
            .finish_non_exhaustive()
    }
}

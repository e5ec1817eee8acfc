//! Publishing: what is said to be stored is stored.

mod append;
mod atomic;
mod background;
mod batch;
mod bulk;
mod draft;
mod error;
mod flight;
mod follow_up;
mod group;
mod guard;
mod observed;
mod older;
mod origin;
mod outcome;
mod pipeline;
mod publish;
mod receipt;
mod schedule;
mod tickets;
mod transmit;
mod untyped;

use std::fmt;
use std::marker::PhantomData;

pub(crate) use append::{Append, Appended, NotAppended};
pub use atomic::Atomic;
pub(crate) use background::Queue;
pub use background::{Background, BackgroundCounts, Loss, Lost, Overflow};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) use batch::Batch;
pub use bulk::{Bulk, BulkError, Loaded};
pub use error::PublishError;
pub(crate) use follow_up::FollowUps;
pub(crate) use group::Groups;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) use group::{Word, send as send_once};
pub(crate) use guard::BREAKER;
pub(crate) use older::versions as older_versions;
pub(crate) use origin::Origin;
pub use outcome::Outcome;
pub(crate) use pipeline::Pipeline;
pub use publish::Publish;
pub use receipt::{Published, Receipt};
pub use schedule::Scheduled;
pub(crate) use transmit::transmit;
pub use untyped::{PublishUntyped, Untyped};

use crate::message::envelope::ContentMode;
use crate::operations::traces::TraceContext;
use crate::{BrokerError, Event, PublishedBy, Service, Tidings};

/// Publishes the events of the service `S`. Generated publishers wrap it with one method an event.
///
/// Cheap to clone; each setting gives a publisher of its own.
///
/// ```
/// # use event_catalog::user_profile;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// let publisher = user_profile::Publisher::new(&bus); // generated: a method for each event of the service
/// let acme = publisher.organization("acme").correlation_id("request-7"); // counts for all that is published by it
///
/// let published = acme.user_created(tidings::testing::example()).await?;
/// assert_eq!((published.stream, published.duplicate), ("USER_EVENTS", false));
/// # Ok(())
/// # }
/// ```
///
/// Within a trace, in the other [mode](ContentMode), with what is special about one event, or several at once:
///
/// ```
/// use event_catalog::user::{UserCreated, UserUpdated};
/// use event_catalog::user_profile;
/// use tidings::testing::example;
/// use tidings::{ContentMode, Publisher, Timestamp};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// let publisher = Publisher::<user_profile::Service>::new(&bus)
///     .trace_parent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") // of the request that led to it
///     .trace_state("vendor=1")
///     .content_mode(ContentMode::Binary);
/// let event = publisher.publish(example::<UserCreated>()).id("registration-7").time(Timestamp::now());
/// let published = event.organization("acme").await?;
///
/// let changed = || publisher.publish(example::<UserUpdated>()).organization("acme");
/// publisher.atomically().add(changed()).add(changed()).await?; // both are stored, or none
/// # assert!(published.sequence.is_some());
/// # Ok(())
/// # }
/// ```
pub struct Publisher<S> {
    origin: Origin,
    service: PhantomData<fn() -> S>,
}

impl<S: Service> Publisher<S> {
    /// A publisher over a connection.
    pub fn new(bus: &Tidings) -> Self {
        Self::of(Origin::new(bus.clone(), S::SPEC))
    }

    pub(crate) fn of(origin: Origin) -> Self {
        Self { origin, service: PhantomData }
    }

    /// The organization whose events these are.
    #[must_use]
    pub fn organization(mut self, organization: impl Into<String>) -> Self {
        self.origin.organization = Some(organization.into().into());
        self
    }

    /// The id that the events share with all others that one first event or request led to. Without one, each event
    /// begins a chain of its own.
    #[must_use]
    pub fn correlation_id(mut self, id: impl Into<String>) -> Self {
        self.origin.correlation_id = Some(id.into().into());
        self
    }

    /// W3C trace context to send along. With the feature `otlp`, that of the span in which an event is published goes along by
    /// itself; this one takes its place, as the parent of the publish.
    #[must_use]
    pub fn trace_parent(mut self, trace_parent: impl Into<String>) -> Self {
        let state = self.origin.trace.given.take().and_then(|given| given.state);
        self.origin.trace.given = Some(TraceContext { parent: trace_parent.into().into(), state });
        self
    }

    /// What tracing systems add to that context: W3C's `tracestate`. Nothing without a [parent](Self::trace_parent), which comes
    /// first.
    #[must_use]
    pub fn trace_state(mut self, trace_state: impl Into<String>) -> Self {
        if let Some(given) = &mut self.origin.trace.given {
            given.state = Some(trace_state.into().into());
        }
        self
    }

    /// Where the attributes stand in the message. Default: [`ContentMode::Structured`].
    #[must_use]
    pub fn content_mode(mut self, mode: ContentMode) -> Self {
        self.origin.mode = mode;
        self
    }

    /// Publishes an event. Await the result to know it stored.
    ///
    /// ```no_run
    /// # async fn example(
    /// #     publisher: event_catalog::orders::Publisher,
    /// #     event: event_catalog::orders::OrderCreated,
    /// # ) -> Result<(), tidings::PublishError> {
    /// let published = publisher.publish(event).await?;
    /// println!("{} is number {:?} of its stream", published.id, published.sequence);
    /// # Ok(())
    /// # }
    /// ```
    pub fn publish<E>(&self, event: E) -> Publish<'_, E>
    where
        E: Event,
        E::Contract: PublishedBy<S>,
    {
        Publish::new(std::borrow::Cow::Borrowed(&self.origin), event)
    }

    /// Takes back an event that was to be [published later](Publish::publish_at), with its copies in older versions. True
    /// says that it was held and will not be stored; false, that it was not held, or not in every version any more: it may
    /// have been stored.
    ///
    /// ```no_run
    /// use event_catalog::orders::OrderStatusChanged;
    ///
    /// # async fn example(publisher: event_catalog::orders::Publisher, reminder: event_catalog::orders::OrderStatusChanged) -> Result<(), Box<dyn std::error::Error>> {
    /// let tomorrow = tidings::Timestamp::now() + std::time::Duration::from_secs(24 * 3600);
    /// let scheduled = publisher.order_status_changed(reminder).publish_at(tomorrow).await?;
    /// if !publisher.cancel::<OrderStatusChanged>(&scheduled.id).await? {
    ///     println!("too late: it may have been stored");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The broker does not allow it, or did not answer for half a minute, or its time came while the broker was away: then
    /// nobody knows.
    pub async fn cancel<E>(&self, id: &str) -> Result<bool, BrokerError>
    where
        E: Event,
        E::Contract: PublishedBy<S>,
    {
        schedule::cancel(&self.origin.bus, E::SPEC, id).await
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Loads many events at once, without finding those that are published twice: see [`Bulk`].
    pub fn bulk(&self) -> Bulk {
        Bulk::new(self.origin.clone())
    }

    /// Publishes several events all or not at all: see [`Atomic`].
    pub fn atomically(&self) -> Atomic {
        Atomic::new(self.origin.bus.clone())
    }
}

impl<S> Clone for Publisher<S> {
    fn clone(&self) -> Self {
        Self { origin: self.origin.clone(), service: PhantomData }
    }
}

impl<S: Service> fmt::Debug for Publisher<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher")
            .field("service", &S::SPEC.name)
            .field("organization", &self.origin.organization)
            .finish_non_exhaustive()
    }
}

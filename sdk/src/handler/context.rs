use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use super::States;
use crate::message::envelope::Envelope;
use crate::message::text::Text;
use crate::operations::traces::{Trace, TraceContext};
use crate::publisher::{FollowUps, Origin};
use crate::{
    Atomic, Event, Publish, PublishedBy, Publisher, Reject, Service, ServiceSpec, Tidings, Version,
};

/// What a handler of the service `S` knows about the event before it, and how it publishes the events that follow.
///
/// ```
/// use event_catalog::user::{UserCreated, UserUpdated};
/// use event_catalog::user_profile;
/// use tidings::{Handled, event_handler, testing};
///
/// #[event_handler]
/// async fn complete(user: UserCreated, cx: user_profile::Context) -> Handled {
///     let tenant = cx.tenant()?; // none: a dead letter at once
///     println!("{} of {tenant}, in attempt {}", cx.event_id(), cx.attempt());
///     let follows = UserUpdated { user_id: user.user_id, ..testing::example() };
///     cx.publish(follows).await?; // of the same organization, caused by this event, and stored once however often this runs
///     Ok(())
/// }
/// ```
///
/// Cheap to clone.
///
/// What an event has come with, and more than one thing that follows from it:
///
/// ```
/// use event_catalog::user::{UserCreated, UserUpdated};
/// use event_catalog::user_profile;
/// use tidings::{Handled, event_handler, testing};
///
/// #[event_handler]
/// async fn complete(user: UserCreated, cx: user_profile::Context) -> Handled {
///     println!("{} of {:?} on {}", cx.sequence(), cx.organization(), cx.subject());
///     println!("from {}, published in {:?}", cx.envelope().source, cx.published_version());
///     if cx.is_last_attempt() {
///         println!("a failure now makes it a dead letter");
///     }
///     if cx.is_replay() {
///         return Ok(()); // no mails for what has long been done: what is published would be refused, too
///     }
///     let changed = || UserUpdated { user_id: user.user_id, ..testing::example() };
///     let publisher = cx.publisher(); // as `cx.publish`, to be handed on
///     publisher.publish(changed()).await?;
///     let both = cx.atomically().add(cx.publish(changed())).add(cx.publish(changed()));
///     both.await?; // both are stored, or none
///     Ok(())
/// }
/// ```
pub struct Context<S> {
    delivery: Arc<DeliveryContext>,
    service: PhantomData<fn() -> S>,
}

/// The part of a context that does not depend on the service's type.
#[derive(Debug)]
pub(crate) struct DeliveryContext {
    pub(crate) common: Arc<Common>,
    pub(crate) envelope: Envelope,
    pub(crate) subject: Text,
    pub(crate) sequence: u64,
    pub(crate) attempt: u64,
    /// Whether an instance has begun with it before.
    pub(crate) begun: bool,
    /// The place of the handler's transaction, where the inbox has one; set before the handler is called.
    held: OnceLock<Arc<dyn Any + Send + Sync>>,
    /// Made for those who publish.
    origin: OnceLock<Box<Origin>>,
}

/// What the contexts of a subscription's deliveries have in common.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) bus: Tidings,
    pub(crate) service: &'static ServiceSpec,
    pub(crate) durable: &'static str,
    /// How many attempts there are.
    pub(crate) attempts: u32,
    /// Whether the events are replayed: then the handler publishes nothing.
    pub(crate) replays: bool,
    pub(crate) states: Arc<States>,
}

impl DeliveryContext {
    /// That of an event that came on `subject` and is at this place of its stream, for the attempt with this number.
    pub(crate) fn new(
        common: Arc<Common>,
        envelope: Envelope,
        subject: Text,
        sequence: u64,
        attempt: u64,
        begun: bool,
    ) -> Self {
        let (held, origin) = (OnceLock::new(), OnceLock::new());
        Self { common, envelope, subject, sequence, attempt, begun, held, origin }
    }

    /// The same event's in another attempt.
    pub(crate) fn again(&self, attempt: u64) -> Self {
        let (common, envelope) = (Arc::clone(&self.common), self.envelope.clone());
        let begun = self.begun || attempt > 1;
        Self::new(common, envelope, self.subject.clone(), self.sequence, attempt, begun)
    }

    /// Gives it the place of the handler's transaction.
    pub(crate) fn hold(&self, held: Arc<dyn Any + Send + Sync>) {
        // Nobody has set it: a context is that of one attempt alone.
        let _ = self.held.set(held);
    }

    /// The origin of what the handler publishes: its correlation, causation and organization are the event's.
    fn origin(&self) -> &Origin {
        self.origin.get_or_init(|| {
            let Common { bus, service, durable, replays, .. } = &*self.common;
            let origin = Origin::new(bus.clone(), service);
            if *replays {
                return Box::new(Origin { replays: true, ..origin });
            }
            let Envelope { id, organization_id, correlation_id, .. } = &self.envelope;
            let cause = TraceContext::of(&self.envelope);
            Box::new(Origin {
                organization: organization_id.as_deref().map(Into::into),
                correlation_id: Some(correlation_id.as_deref().unwrap_or(id).into()),
                causation_id: Some(id.as_str().into()),
                follow_ups: Some(Arc::new(FollowUps::new(id.to_string(), durable))),
                trace: Trace { cause, ..Trace::default() },
                ..origin
            })
        })
    }
}

impl<S: Service> Context<S> {
    pub(crate) fn new(delivery: Arc<DeliveryContext>) -> Self {
        Self { delivery, service: PhantomData }
    }

    /// The event's attributes.
    pub fn envelope(&self) -> &Envelope {
        &self.delivery.envelope
    }

    /// The event's id: the same in every delivery of it.
    pub fn event_id(&self) -> &str {
        &self.delivery.envelope.id
    }

    /// The version that the event was published in, where it says so. The handler gets the version that it subscribed to:
    /// where this one is older, the event was [upcast](crate::Upcast).
    pub fn published_version(&self) -> Option<Version> {
        self.delivery.envelope.schema_version
    }

    /// The tenant.
    pub fn organization(&self) -> Option<&str> {
        self.delivery.envelope.organization_id.as_deref()
    }

    /// The tenant, for handlers that do nothing without one.
    ///
    /// # Errors
    /// The event names none: returned by a handler, this sends it to the dead letters at once.
    pub fn tenant(&self) -> Result<&str, Reject> {
        self.organization().ok_or_else(|| Reject::because("the event belongs to no organization"))
    }

    /// The NATS subject that the event was published on.
    pub fn subject(&self) -> &str {
        &self.delivery.subject
    }

    /// The event's place in its stream.
    pub fn sequence(&self) -> u64 {
        self.delivery.sequence
    }

    /// Which attempt this is, from 1.
    ///
    /// It counts deliveries, over all instances, and what was tried again in its place. A delivery that was cut short (given
    /// back at the end of a run, lost with a connection or a process) counts too, although its handler did not fail: so 2
    /// does not say that the handler has answered before.
    pub fn attempt(&self) -> u64 {
        self.delivery.attempt
    }

    /// Whether a failure now sends the event to the dead letters: this is the last of the catalog's
    /// [attempts](Self::attempt), or a later one.
    pub fn is_last_attempt(&self) -> bool {
        self.delivery.attempt >= u64::from(self.delivery.common.attempts)
    }

    /// Whether the event is replayed to the handler: it is from the past, and may have been handled before. What is to
    /// happen once alone (a mail, a payment) must not happen then, and [`publish`](Self::publish) refuses.
    pub fn is_replay(&self) -> bool {
        self.delivery.common.replays
    }

    /// Publishes an event that follows from this one: it has the same organization and correlation id, and names this
    /// event as its cause. Publishing the same in a further attempt stores it once, within the stream's duplicate window.
    pub fn publish<E>(&self, event: E) -> Publish<'_, E>
    where
        E: Event,
        E::Contract: PublishedBy<S>,
    {
        Publish::new(Cow::Borrowed(self.origin()), event)
    }

    /// A publisher of events that follow from this one, for code that publishes on behalf of handlers and of commands alike. What
    /// it publishes is as if [`publish`](Self::publish) had.
    pub fn publisher(&self) -> Publisher<S> {
        Publisher::of(self.origin().clone())
    }

    /// Publishes several events that follow from this one all or not at all: see [`Atomic`].
    pub fn atomically(&self) -> Atomic {
        Atomic::new(self.delivery.common.bus.clone())
    }

    /// The transaction in which the event is marked as handled. Taken first of all, before anything else is done, it says
    /// whether the event is still to be handled.
    ///
    /// A handler function takes it as an argument instead: `mut tx: Tx<Sqlite>`.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # mod shown {
    /// use event_catalog::user::UserCreated;
    /// use event_catalog::user_profile;
    /// use tidings::{Handled, event_handler};
    ///
    /// struct Register;
    ///
    /// #[event_handler(idempotent = true)]
    /// impl user_profile::WelcomeMail for Register {
    ///     async fn user_created(&self, user: UserCreated, cx: &user_profile::Context) -> Handled {
    ///         let mut tx = cx.transaction::<sqlx::Sqlite>().await?;
    ///         let insert = sqlx::query("INSERT INTO members (id) VALUES ($1)").bind(user.user_id.to_string());
    ///         insert.execute(&mut *tx).await?;
    ///         Ok(()) // the row and the mark that the event was handled are committed together
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// The run has no [`Inbox`](crate::Inbox) in such a database, or the subscription does not ask for it; the handler has it
    /// already; or the database cannot be used.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub async fn transaction<DB: crate::Dialect>(
        &self,
    ) -> Result<crate::Tx<DB>, crate::InboxError> {
        crate::state::inbox::held::<DB>(self.held())?.taken().await
    }

    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) fn held(&self) -> Option<&Arc<dyn Any + Send + Sync>> {
        self.delivery.held.get()
    }

    pub(crate) fn origin(&self) -> &Origin {
        self.delivery.origin()
    }

    pub(crate) fn states(&self) -> &States {
        &self.delivery.common.states
    }
}

impl<S> Clone for Context<S> {
    fn clone(&self) -> Self {
        Self { delivery: Arc::clone(&self.delivery), service: PhantomData }
    }
}

impl<S> fmt::Debug for Context<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("event_type", &self.delivery.envelope.event_type)
            .field("event_id", &self.delivery.envelope.id)
            .field("attempt", &self.delivery.attempt)
            .finish_non_exhaustive()
    }
}

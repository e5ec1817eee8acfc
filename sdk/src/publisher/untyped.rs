//! Events whose type is known only when the program runs.

use std::fmt;
use std::pin::Pin;

use jiff::Timestamp;
use serde_json::Value;

use super::draft::Draft;
use super::observed::Observed;
use super::older::Older;
use super::publish::{Fact, Given, admit, sealed, send, written};
use super::{Bulk, Origin, PublishError, Published, Receipt};
use crate::contract::subject::{InvalidToken, Subject, SubjectBuilder};
use crate::message::personal::Redacted;
use crate::upcast::Downcasted;
use crate::{EventSpec, ServiceSpec, Tidings};

/// An event as JSON, for tools that learn from a catalog what events there are when they run. Services publish the types
/// that were generated for them.
///
/// The payload is sent as it is: whoever makes one has checked it against [`EventSpec::schema`].
///
/// Of an event whose subject has parameters, and which has a key:
///
/// ```
/// use event_catalog::inventory::InventoryAllocated;
/// use serde_json::json;
/// use tidings::{Event as _, Untyped};
///
/// let payload = json!({ "warehouse": "berlin", "order_id": "019cadd3-8782-7db2-b428-1a2d94af3083" });
/// let event = Untyped::new(InventoryAllocated::SPEC, payload)
///     .parameter("warehouse", "berlin")
///     .key("019cadd3-8782-7db2-b428-1a2d94af3083");
/// # let _ = event;
/// ```
///
/// Of a fact that is published in two versions, the older one goes [`beside`](Self::beside) it:
///
/// ```
/// use serde_json::Value;
/// use tidings::{EventSpec, Untyped};
///
/// fn in_both(new: (&'static EventSpec, Value), old: (&'static EventSpec, Value)) -> Untyped {
///     Untyped::new(new.0, new.1).beside(Untyped::new(old.0, old.1))
/// }
/// # let _ = in_both;
/// ```
pub struct Untyped {
    spec: &'static EventSpec,
    payload: Value,
    parameters: Vec<(&'static str, String)>,
    key: Option<String>,
    older: Vec<Untyped>,
}

impl Untyped {
    /// An event of this kind with this payload.
    pub fn new(spec: &'static EventSpec, payload: Value) -> Self {
        Self { spec, payload, parameters: Vec::new(), key: None, older: Vec::new() }
    }

    /// The value of the next parameter of its subject, and what the parameter is called.
    #[must_use]
    pub fn parameter(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.push((name, value.into()));
        self
    }

    /// What tells which events must stay in order.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The same fact in an older version, in which it is published too.
    #[must_use]
    pub fn beside(mut self, older: Self) -> Self {
        self.older.push(older);
        self
    }

    /// Its subject: the filter of its kind, with a value in each place that is open.
    fn subject(&self) -> Result<Subject, InvalidToken> {
        let mut values = self.parameters.iter();
        let mut subject = SubjectBuilder::default();
        for token in self.spec.filter.split('.') {
            subject = match token {
                "*" => match values.next() {
                    Some((name, value)) => subject.token(name, value)?,
                    None => subject.token("*", "")?,
                },
                literal => subject.literal(literal),
            };
        }
        Ok(subject.build())
    }
}

impl fmt::Debug for Untyped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Untyped")
            .field("event_type", &self.spec.event_type)
            .field("payload", &Redacted)
            .finish_non_exhaustive()
    }
}

impl Tidings {
    /// Publishes an event as a service of the catalog would.
    ///
    /// ```
    /// # use serde_json::json;
    /// use tidings::{Event as _, Service as _, Untyped};
    /// use event_catalog::user::UserCreated;
    /// use event_catalog::user_profile;
    ///
    /// # async fn publish(bus: tidings::Tidings) -> Result<(), tidings::PublishError> {
    /// let payload = json!({ "user_id": "019bdcdb-6769-7f32-83c0-c78468bce954", "email": "linus@example.com" });
    /// let event = Untyped::new(UserCreated::SPEC, payload);
    /// bus.publish_untyped(user_profile::Service::SPEC, event).organization("acme").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn publish_untyped(&self, service: &'static ServiceSpec, event: Untyped) -> PublishUntyped {
        let origin = Origin::new(self.clone(), service);
        PublishUntyped { origin, event, id: None, time: None }
    }

    /// Begins a load of events that a service of the catalog publishes, each of which is
    /// [added untyped](Bulk::add_untyped).
    ///
    /// ```
    /// # use event_catalog::catalog::ProductCreated;
    /// # use event_catalog::catalog;
    /// use tidings::{Event as _, Service as _, Untyped};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bus = tidings::Tidings::embedded();
    /// # bus.ensure(&event_catalog::CATALOG).await?;
    /// # let product = serde_json::to_value(tidings::testing::example::<ProductCreated>())?;
    /// # let lines = vec![product; 3];
    /// let service = catalog::Service::SPEC;
    /// let mut load = bus.bulk_untyped(service);
    /// for line in lines {
    ///     let event = bus.publish_untyped(service, Untyped::new(ProductCreated::SPEC, line));
    ///     load.add_untyped(event.organization("acme")).await?;
    /// }
    /// assert_eq!(load.finish().await?.events, 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn bulk_untyped(&self, service: &'static ServiceSpec) -> Bulk {
        Bulk::new(Origin::new(self.clone(), service))
    }
}

/// An [`Untyped`] event about to be published: `.await` it, [`enqueue`](Self::enqueue) it, or [add](Bulk::add_untyped) it to a
/// load.
///
/// ```
/// use event_catalog::user::UserCreated;
/// use event_catalog::user_profile;
/// use serde_json::json;
/// use tidings::{Event as _, Service as _, Timestamp, Untyped};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// let payload = json!({ "user_id": "019bdcdb-6769-7f32-83c0-c78468bce954", "email": "linus@example.com" });
/// let event = || Untyped::new(UserCreated::SPEC, payload.clone());
/// let publish = || bus.publish_untyped(user_profile::Service::SPEC, event()).organization("acme");
/// publish().id("import-7").correlation_id("import").time(Timestamp::now()).await?;
/// publish().enqueue().await?.await?; // or many at once, and their words afterwards
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "an event is published once this is awaited or enqueued"]
pub struct PublishUntyped {
    origin: Origin,
    event: Untyped,
    id: Option<String>,
    time: Option<Timestamp>,
}

impl PublishUntyped {
    /// The organization whose event this is.
    pub fn organization(mut self, organization: impl Into<String>) -> Self {
        self.origin.organization = Some(organization.into().into());
        self
    }

    /// The event's id: a second event with it is a duplicate of the first. Default: a new UUID of version 7.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The id that the event shares with all others that one first event or request led to. Default: its own.
    pub fn correlation_id(mut self, id: impl Into<String>) -> Self {
        self.origin.correlation_id = Some(id.into().into());
        self
    }

    /// When it happened. Default: now.
    pub fn time(mut self, time: Timestamp) -> Self {
        self.time = Some(time);
        self
    }

    /// Sends the event without waiting for the stream's word; see [`Publish::enqueue`](crate::Publish::enqueue).
    ///
    /// # Errors
    /// The event cannot be sent at all.
    pub async fn enqueue(self) -> Result<Receipt, PublishError> {
        let bus = self.origin.bus.clone();
        let (draft, observed) = self.into_draft();
        let span = observed.span();
        let begun = span.in_scope(|| Receipt::of(&bus, sealed(draft, &bus), observed));
        span.instrument(begun).await
    }

    pub(super) fn spec(&self) -> &'static EventSpec {
        self.event.spec
    }

    /// It is published in a load, whose span is that of all its events.
    pub(super) fn into_loaded(self) -> (Result<Draft, PublishError>, Observed) {
        let observed = Observed::in_load(&self.origin, self.event.spec);
        (self.draft(), observed)
    }

    /// The event as it is written, in the span of its publish.
    fn into_draft(self) -> (Result<Draft, PublishError>, Observed) {
        let observed = Observed::begin(&self.origin, self.event.spec);
        let span = observed.span();
        let draft = span.in_scope(|| self.draft().inspect(|draft| observed.named(draft.id())));
        (draft, observed)
    }

    fn draft(self) -> Result<Draft, PublishError> {
        let Self { origin, event, id, time } = self;
        for spec in std::iter::once(event.spec).chain(event.older.iter().map(|older| older.spec)) {
            admit(&origin, spec)?;
        }
        let given = Given { id: id.as_deref().map(Into::into), time, ..Given::default() };
        let subject = event.subject()?;
        let Untyped { spec, payload, key, older, .. } = event;
        let older = older.into_iter().map(|older| {
            let subject = older.subject();
            let event = Downcasted { payload: older.payload, subject };
            Older { spec: older.spec, event }
        });
        let mut older: Vec<Older> = older.collect();
        older.sort_by_key(|older| older.spec.version);
        written(&origin, Fact { spec, payload: &payload, subject, key, older }, given)
    }
}

impl IntoFuture for PublishUntyped {
    type Output = Result<Published, PublishError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let bus = self.origin.bus.clone();
            let (draft, observed) = self.into_draft();
            let sealed = observed.span().in_scope(|| sealed(draft, &bus));
            let result = observed.span().instrument(send(&bus, sealed)).await;
            observed.concluded(&result);
            result
        })
    }
}

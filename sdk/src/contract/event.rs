//! What the catalog's generated types say about themselves.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::catalog::PayloadSpec;
use crate::contract::own_type::Contract;
use crate::contract::partition::partition;
use crate::contract::subject::{InvalidToken, Subject};
use crate::upcast::{Downcast, Link};
use crate::{EncryptedField, Invalid, PersonalField};

/// An event of the catalog: a payload that knows its type, version and subject.
///
/// Generated types implement it. A type of your own is bound to a catalog event with
/// [`#[derive(Event)]`](macro@crate::Event).
///
/// ```
/// use event_catalog::user::UserCreated;
/// use tidings::Event;
///
/// assert_eq!(UserCreated::SPEC.event_type, "user.created");
/// assert_eq!(UserCreated::SPEC.stream, "USER_EVENTS");
///
/// let user: UserCreated = tidings::testing::example();
/// assert_eq!(user.key(), Some(user.user_id.to_string())); // what must stay in order
/// ```
///
/// A parameter of its subject comes from the payload:
///
/// ```
/// use event_catalog::orders::OrderCreated;
/// use tidings::Event as _;
///
/// let order: OrderCreated = tidings::testing::example();
/// assert_eq!(order.subject()?.as_str(), format!("orders.order.{}.created", order.order_id));
/// # Ok::<(), tidings::InvalidToken>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event of the catalog",
    label = "not an event",
    note = "declare the event in a file of `event-catalog/` and rebuild, or bind a type of your own to one with `#[derive(Event)]`"
)]
pub trait Event: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The generated type that this type stands for: itself, unless it is hand-written.
    type Contract: Event;

    /// What the catalog says about the event.
    const SPEC: &'static EventSpec;

    /// The subject to publish on; its parameters come from the payload.
    ///
    /// # Errors
    /// A parameter's value cannot be a token of a subject.
    fn subject(&self) -> Result<Subject, InvalidToken> {
        match Contract::of(self) {
            // Generated types whose subjects have parameters have an implementation of their own.
            Ok(Contract::Itself(_)) => Ok(Subject::from_catalog(Self::SPEC.filter)),
            Ok(Contract::Read(contract)) => contract.subject(),
            Err(_) => Err(InvalidToken::unfit(Self::SPEC.event_type)),
        }
    }

    /// What tells which events must stay in order, where the catalog names a key.
    fn key(&self) -> Option<String> {
        match Contract::of(self) {
            // Generated types with a key have an implementation of their own.
            Ok(Contract::Itself(_)) | Err(_) => None,
            Ok(Contract::Read(contract)) => contract.key(),
        }
    }

    /// Whether the payload keeps the constraints of its schema that the type does not: bounds, lengths, patterns,
    /// formats. Publishing does it unless the catalog says otherwise, consuming where the catalog says so.
    ///
    /// Of a hand-written type, the payload that it writes is read as the catalog's type.
    ///
    /// ```
    /// use event_catalog::orders::OrderCreated;
    /// use tidings::Event as _;
    ///
    /// let order: OrderCreated = serde_json::from_str(OrderCreated::SPEC.examples[0])?;
    /// assert_eq!(order.validate(), Ok(()));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    /// It breaks some; the error has a JSON pointer to each value.
    fn validate(&self) -> Result<(), Invalid> {
        match Contract::of(self) {
            // Generated types with constraints have an implementation of their own.
            Ok(Contract::Itself(_)) => Ok(()),
            Ok(Contract::Read(contract)) => contract.validate(),
            Err(_) => Err(Invalid::unread(Self::SPEC.event_type)),
        }
    }
}

/// What the catalog says about one major version of an event.
///
/// ```
/// use event_catalog::auth::UserCreated;
/// use tidings::Event as _;
///
/// let spec = UserCreated::SPEC;
/// println!("{} {} in {}", spec.event_type, spec.version, spec.stream);
/// for older in spec.upcasts_from() {
///     let example = serde_json::from_str(older.examples[0])?;
///     println!("{} becomes {}", older.version, spec.upcast(older.version, example)?);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct EventSpec {
    /// CloudEvents `type`: `orders.order.created`.
    pub event_type: &'static str,
    /// The version that the Rust type was generated from.
    pub version: Version,
    /// CloudEvents `dataschema`.
    pub data_schema: &'static str,
    /// The stream that stores it.
    pub stream: &'static str,
    /// The subject that matches every event of it: `inventory.*.stock.allocated`. Where its stream is divided, one more token
    /// follows; see [`filters`](Self::filters).
    pub filter: &'static str,
    /// Which token of its subjects tells whose event it is, counted from 0; none where none does.
    pub organization_token: Option<usize>,
    /// Into how many partitions its stream divides it: which one it is in stands behind its subject.
    pub partitions: Option<u16>,
    /// What becomes of large payloads.
    pub payloads: PayloadSpec,
    /// Example payloads of the catalog, as JSON.
    pub examples: &'static [&'static str],
    /// What payloads look like: JSON Schema 2020-12.
    pub schema: &'static str,
    /// Where its payload holds personal data.
    pub personal: &'static [PersonalField],
    /// What of it is encrypted, value by value.
    pub encrypted: &'static [EncryptedField],
    /// How it is made from the major version before it.
    pub upcast: Option<&'static Link>,
    /// In which older version it is published as well.
    pub downcast: Option<&'static Downcast>,
}

impl EventSpec {
    #[doc(hidden)]
    pub const fn new(
        event_type: &'static str,
        version: Version,
        data_schema: &'static str,
        stream: &'static str,
        filter: &'static str,
        examples: &'static [&'static str],
    ) -> Self {
        let (organization_token, partitions, upcast, downcast) = (None, None, None, None);
        let (payloads, schema) = (PayloadSpec::AS_THEY_ARE, "{}");
        let (personal, encrypted): (&[PersonalField], &[EncryptedField]) = (&[], &[]);
        Self {
            event_type,
            version,
            data_schema,
            stream,
            filter,
            organization_token,
            partitions,
            payloads,
            examples,
            schema,
            personal,
            encrypted,
            upcast,
            downcast,
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_schema(mut self, schema: &'static str) -> Self {
        self.schema = schema;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_personal(mut self, fields: &'static [PersonalField]) -> Self {
        self.personal = fields;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_encrypted(mut self, fields: &'static [EncryptedField]) -> Self {
        self.encrypted = fields;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_organization_token(mut self, index: usize) -> Self {
        self.organization_token = Some(index);
        self
    }

    /// Whether a message's subject, where it tells whose event it is, and its envelope say the same.
    pub(crate) fn check_organization(
        &self,
        subject: &str,
        organization: Option<&str>,
    ) -> Result<(), OtherOrganization> {
        let Some(index) = self.organization_token else { return Ok(()) };
        let of_subject = subject.split('.').nth(index);
        if of_subject.is_some() && of_subject == organization {
            return Ok(());
        }
        let name = |organization: Option<&str>| {
            organization.map_or_else(|| "nobody".to_owned(), |name| format!("`{name}`"))
        };
        Err(OtherOrganization { subject: name(of_subject), envelope: name(organization) })
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_partitions(mut self, count: u16) -> Self {
        self.partitions = Some(count);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_payloads(mut self, payloads: PayloadSpec) -> Self {
        self.payloads = payloads;
        self
    }

    /// What matches every subject that it is stored under.
    ///
    /// ```
    /// use event_catalog::orders::OrderCreated;
    /// use tidings::Event as _;
    ///
    /// assert!(OrderCreated::SPEC.filters().eq(["orders.order.*.created"]));
    /// ```
    pub fn filters(&self) -> impl Iterator<Item = String> + use<> {
        let divided = self.partitions.map(|_| format!("{}.*", self.filter));
        std::iter::once(self.filter.to_owned()).chain(divided)
    }

    /// The subject that an event with this key is stored under.
    pub(crate) fn placed(&self, subject: Subject, key: Option<&str>) -> async_nats::Subject {
        match self.partitions.zip(key) {
            Some((count, key)) => format!("{subject}.{}", partition(key, count)).into(),
            None => subject.into_client(),
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_upcast(mut self, link: &'static Link) -> Self {
        self.upcast = Some(link);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_downcast(mut self, downcast: &'static Downcast) -> Self {
        self.downcast = Some(downcast);
        self
    }
}

/// Subject and envelope of an event name different organizations.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its subject says that it is of {subject}, its envelope that it is of {envelope}")]
pub(crate) struct OtherOrganization {
    subject: String,
    envelope: String,
}

/// A version of an event's schema: `2.0`.
///
/// ```
/// use tidings::Version;
///
/// let version: Version = "2.1".parse()?;
/// assert_eq!((version.major, version.minor), (2, 1));
/// # Ok::<(), tidings::ParseVersionError>(())
/// ```
///
/// ```
/// use tidings::Version;
///
/// assert!(Version::new(2, 1) > Version::new(1, 9));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Changes break readers or writers.
    pub major: u16,
    /// Changes only add.
    pub minor: u16,
}

impl Version {
    /// `major.minor`.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl std::str::FromStr for Version {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
        match (major.parse(), minor.parse()) {
            (Ok(major), Ok(minor)) => Ok(Self { major, minor }),
            _ => Err(ParseVersionError),
        }
    }
}

/// The text is not `major.minor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a version: write `major.minor`, as in `2.0`")]
pub struct ParseVersionError;

/// A service of the catalog. Its generated module holds a marker type that implements this.
///
/// ```
/// use event_catalog::user_profile;
/// use tidings::Service as _;
///
/// assert_eq!(user_profile::Service::SPEC.name, "user_profile");
/// ```
pub trait Service: Send + Sync + 'static {
    /// What the catalog says about the service.
    const SPEC: &'static ServiceSpec;
}

/// What the catalog says about a service.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServiceSpec {
    /// Its name: `billing`.
    pub name: &'static str,
    /// CloudEvents `source` of what it publishes: `/giia/billing`.
    pub source: &'static str,
    /// Whether its events must name an organization.
    pub organization_required: bool,
    /// Whether its events are checked against the constraints of their schemas before they are sent.
    pub validate: bool,
}

impl ServiceSpec {
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        source: &'static str,
        organization_required: bool,
    ) -> Self {
        Self { name, source, organization_required, validate: true }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn without_validation(self) -> Self {
        Self { validate: false, ..self }
    }
}

/// The catalog lets the service `S` publish this event.
///
/// For code that is about all publishers of an event:
///
/// ```
/// use event_catalog::user::UserCreated;
/// use tidings::{PublishError, PublishedBy, Publisher, Service};
///
/// async fn greet<S: Service>(publisher: Publisher<S>) -> Result<(), PublishError>
/// where
///     UserCreated: PublishedBy<S>,
/// {
///     publisher.publish(tidings::testing::example::<UserCreated>()).await.map(drop)
/// }
/// # let _ = greet::<event_catalog::user_profile::Service>;
/// ```
#[diagnostic::on_unimplemented(
    message = "the service `{S}` does not publish `{Self}`",
    label = "not among what this service publishes",
    note = "add the event to `publishes:` in the service's file under `event-catalog/services/` and rebuild"
)]
pub trait PublishedBy<S: Service>: Event {}

/// The catalog lets the subscription `S` receive this event.
///
/// ```
/// use event_catalog::user::UserCreated;
/// use event_catalog::user_profile::welcome_mail;
/// use tidings::{ConsumedBy, Event, Subscription};
///
/// fn reads<S: Subscription, E: ConsumedBy<S>>() -> String {
///     format!("{} reads {}", S::SPEC.durable, E::SPEC.event_type)
/// }
/// assert_eq!(reads::<welcome_mail::Subscription, UserCreated>(), "user_profile-welcome_mail reads user.created");
/// ```
#[diagnostic::on_unimplemented(
    message = "the subscription `{S}` does not receive `{Self}`",
    label = "not among what this subscription receives",
    note = "add the event to `events:` of the subscription in the service's file under `event-catalog/services/` and rebuild"
)]
pub trait ConsumedBy<S: crate::Subscription>: Event {}

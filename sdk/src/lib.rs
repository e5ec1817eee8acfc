//! Typed events over NATS JetStream, generated from a catalog in YAML.
//!
//! A catalog says which events exist, who publishes them and who handles them. `tidings-codegen` compiles it into the
//! types that the rest of a service is written against; this crate is what they stand on.
//!
//! ```no_run
//! use event_catalog::inventory::InventoryAllocated;
//! use event_catalog::payments::PaymentProcessed;
//! use event_catalog::{orders, payments};
//! use tidings::{Config, Handled, Tidings, event_handler};
//!
//! struct Till;
//!
//! #[event_handler]
//! impl payments::Collection for Till {
//!     async fn inventory_allocated(
//!         &self,
//!         event: InventoryAllocated,
//!         cx: &payments::Context,
//!     ) -> Handled {
//!         let payment = charge(&event).await?; // any error: tried again by the catalog's policy
//!         cx.publish(payment).await?; //          same organization and correlation, caused by `event`
//!         Ok(())
//!     }
//! }
//! # async fn charge(_: &InventoryAllocated) -> std::io::Result<PaymentProcessed> { std::future::pending().await }
//!
//! # async fn run(order: orders::OrderCreated) -> Result<(), Box<dyn std::error::Error>> {
//! let bus = Tidings::connect(Config::from_env()?).await?;
//! bus.ensure(&event_catalog::CATALOG).await?; // streams and consumers, as the catalog says
//! # #[cfg(feature = "encryption")]
//! bus.set_keys(tidings::encryption::FileKeys::open("keys")?); // the catalog has addresses of customers encrypted
//!
//! let publisher = orders::Publisher::new(&bus).organization("acme");
//! publisher.order_created(order).await?; // waits for the stream's word
//!
//! bus.run(payments::Collection::subscriber(Till)).await?; // until the process is told to end
//! # Ok(())
//! # }
//! ```
//!
//! # Where to look
//!
//! | to | see |
//! |---|---|
//! | connect, or run without a server | [`Config`], [`Tidings::connect`], [`Tidings::embedded`] |
//! | publish | [`Publisher`], [`Publish`], [`Receipt`], [`PublishError`], [`Outcome`], [`Background`], [`Atomic`], [`Scheduled`] |
//! | load many events at once | [`Publisher::bulk`], [`Bulk`], [`Loaded`], [`BulkError`] |
//! | have each word mean that an event is on the disk, many at a time | [`Config::group_commit`] |
//! | know where personal data stands, and hide it | [`EventSpec::personal`], [`EventSpec::redacted`], [`catalog::Catalog::shown`], [`DeadLetter::payload_redacted`] |
//! | encrypt it, and erase an organization's | [`encryption`] |
//! | check a payload | [`Event::validate`], [`Invalid`], [`Violation`] |
//! | handle | [`event_handler`](macro@event_handler), [`Context`], [`State`], [`Handled`], [`Reject`], [`RetryAfter`] |
//! | run and stop | [`Tidings::run`], [`Run`], [`Report`] |
//! | read old versions, and publish for those who have not moved | [`Upcast`], [`EventSpec::upcast`], [`Context::published_version`] |
//! | see how far a subscription has come | [`Tidings::status`], [`Tidings::lag`] |
//! | see what failed, and try it again | [`Tidings::dead_letters`], [`DeadLetter`], [`Reason`], [`Redrive`], [`Sweep`] |
//! | read stored events again | [`Tidings::replay`], [`Replay`], [`Context::is_replay`] |
//! | make state of events | [`aggregate`], [`Projection`], [`Tidings::project`], [`Checkpoint`] |
//! | use a type of one's own for an event | [`#[derive(Event)]`](macro@Event) |
//! | handle several events as one type | [`#[derive(EventUnion)]`](macro@EventUnion) |
//! | have an effect happen once | [`Inbox`], [`Run::inbox`], `Tx` (features `sqlite`, `postgres`) |
//! | store events in the service's own transaction | `outbox` (features `sqlite`, `postgres`) |
//! | share a server with other environments | [`Config::prefix`], [`Prefix`] |
//! | begin without a broker | [`Config::lazy`], [`Tidings::connected`] |
//! | compare a server with the catalog, and bring it there | [`topology`], [`Tidings::ensure`] |
//! | send what is larger than a server takes | [`catalog::PayloadSpec`], [`PayloadError`], [`Config::largest_payload`] |
//! | publish, handle or read events whose types are known only when the program runs | [`Untyped`], [`Tidings::publish_untyped`], [`Tidings::bulk_untyped`], [`Subscriber::untyped`], [`Replay::each_untyped`] |
//! | send, hear and ask what needs no stream | [`messaging`], [`Tidings::core`] |
//! | keep keys and values | [`kv`] |
//! | keep objects of any size | [`objects`] |
//! | see how it fares: figures, traces, health | `metrics`, `prometheus`, `otlp` (features of these names), [`health`] |
//! | let operators look, and replay at a click | `admin` (feature `admin`) |
//! | test | [`testing`]: the embedded broker with tokio's paused time and faults on demand; examples and arbitrary events; a real server |
//!
//! # Promises
//!
//! - What [`Publish`] or [`Receipt`] report as [`Published`] is in the stream. Where no answer came, the error says that
//!   it is unknown, and publishing again with the same id is safe.
//! - A handler runs at least once for each event. A failure is tried again after the catalog's delays; after the last
//!   attempt the event is stored as a dead letter before the stream is told to let go of it.
//! - A payload that breaks its schema is not sent, unless the catalog lets its service; in a subscription that checks what
//!   it receives, such a payload is a dead letter at once.
//! - Where a subscription is `idempotent`, what was handled is not handled again; what a handler writes in its transaction is
//!   there once.
//! - What cannot be read, or has no handler, is never acknowledged away: it is a dead letter too.
//! - A handler may take longer than the broker waits: signs of life are sent for it until its own timeout.
//! - A run that ends fetches no more, lets handlers finish, gives back what they did not, and confirms each settlement.
//!
//! # Features
//!
//! | feature | for |
//! |---|---|
//! | `admin` | `tidings::admin`: probes, figures, dead letters and a page over HTTP, as an axum router |
//! | `code-first` | `tidings::code_first`: structs that check the catalog's entries, or become them |
//! | `encryption` | keys for what the catalog has encrypted: [`encryption`], `Tidings::set_keys` |
//! | `metrics` | figures through the `metrics` facade: `tidings::metrics` |
//! | `otlp` | `tidings::otlp`: traces and messaging metrics to an OpenTelemetry collector |
//! | `postgres` | `tidings::outbox`, and the inbox, in PostgreSQL |
//! | `prometheus` | `tidings::prometheus`: the figures as Prometheus scrapes them |
//! | `proptest` | `testing::any`: arbitrary valid events |
//! | `redis` | the inbox in Redis |
//! | `sqlite` | `tidings::outbox`, and the inbox, in SQLite |
//! | `testing` | in [`testing`]: a real `nats-server` for tests, to be killed, frozen and clustered |

mod broker;
mod bus;
mod config;
mod consumer;
mod contract;
mod dead_letter;
mod handler;
mod message;
pub mod messaging;
mod operations;
mod publisher;
mod replay;
mod resilience;
mod state;
mod storage;
pub mod testing;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(feature = "code-first")]
pub use contract::code_first;
pub use contract::{catalog, upcast};
pub use message::encryption;
#[cfg(feature = "admin")]
pub use operations::admin;
pub use operations::health;
#[cfg(feature = "metrics")]
pub use operations::metrics;
#[cfg(feature = "otlp")]
pub use operations::otlp;
#[cfg(feature = "prometheus")]
pub use operations::prometheus;
pub use operations::topology;
pub use state::aggregate;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use state::outbox;
pub use storage::{kv, objects};

pub use broker::{BrokerError, ConnectionState};
pub use bus::{Lag, Tidings};
pub use config::{Config, ConfigError, ConnectError};
pub use consumer::signal::shutdown_signal;
pub use consumer::{Report, Run, RunError, Subscriber};
pub use contract::catalog::Subscription;
pub use contract::event::{
    ConsumedBy, Event, EventSpec, ParseVersionError, PublishedBy, Service, ServiceSpec, Version,
};
pub use contract::partition::partition;
pub use contract::subject::{InvalidToken, Subject};
pub use contract::union::{DecodeError, EventUnion};
pub use contract::upcast::{Upcast, UpcastError, UpcastFailed};
pub use contract::validation::{Invalid, Violation};
pub use dead_letter::{
    DeadLetter, DeadLetters, Reason, Redrive, RedriveError, Redriven, Sweep, Swept,
};
pub use handler::{
    Accepts, Context, EventHandler, Extractor, FromContext, Handled, HandlerError, HandlerInput,
    MissingState, Needs, Reject, RetryAfter, State, States,
};
pub use message::claim::PayloadError;
pub use message::encryption::{EncryptedField, EncryptionError, Erased};
pub use message::envelope::{ContentMode, Envelope, EnvelopeError};
pub use message::headers::{Headers, InvalidHeader};
pub use message::personal::{PersonalField, PersonalKind};
pub use message::text::Text;
pub use operations::SubscriptionStatus;
pub use operations::topology::EnsureError;
pub use publisher::{
    Atomic, Background, BackgroundCounts, Bulk, BulkError, Loaded, Loss, Lost, Outcome, Overflow,
    Publish, PublishError, PublishUntyped, Published, Publisher, Receipt, Scheduled, Untyped,
};
pub use replay::{
    Arrival, Checkpoint, KvCheckpoint, Place, Projecting, Projection, Replay, ReplayError,
    ReplayFailure, ReplayProgress, ReplaySource, Replayed,
};
pub use resilience::breaker::BreakerState;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use state::inbox::Tx;
pub use state::inbox::{Inbox, InboxError};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use state::sql::{Dialect, MigrateError};
pub use tidings_payload::{ParsePrefixError, Prefix};

/// Binds a type of your own to an event of the catalog.
///
/// For ids, amounts or times with types of their own, or for fields that are not of interest. The type is read and
/// written by its own serde implementations.
///
/// ```
/// use event_catalog::orders;
/// use serde::{Deserialize, Serialize};
/// use tidings::{Event, Timestamp, Uuid};
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
/// struct OrderId(Uuid);
///
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[event(orders::v1::OrderStatusChanged)]
/// struct Moved {
///     order_id: OrderId,
///     customer_id: Uuid,
///     email: String,
///     previous_status: event_catalog::types::OrderStatus,
///     status: event_catalog::types::OrderStatus,
///     changed_at: Timestamp,
///     #[serde(skip_serializing_if = "Option::is_none")]
///     reason: Option<String>,
///     #[serde(skip_serializing_if = "Option::is_none")]
///     tracking: Option<event_catalog::types::Tracking>,
/// }
/// ```
///
/// Handlers take it and publishers publish it wherever the generated type would do. A test is generated beside it:
/// every example of the catalog must decode into the type and encode back to what the generated type reads. With the
/// feature `code-first`, and `#[derive(JsonSchema)]` on the type, it also tells every property in which the two differ.
///
/// Its subject, its key and the constraints of its schema are those of the catalog: to publish one, or to
/// [`validate`](trait@Event) it, it is written as JSON once more and read as the generated type.
pub use tidings_macros::Event;

/// Makes an enum a union of events: each of its variants holds one, in a `Box` or by itself.
///
/// ```
/// use event_catalog::orders::{OrderCreated, OrderStatusChanged};
/// use tidings::{Event, EventUnion};
///
/// #[derive(Debug, EventUnion)]
/// enum OrderEvent {
///     Created(Box<OrderCreated>),
///     StatusChanged(OrderStatusChanged),
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let created: OrderCreated = serde_json::from_str(OrderCreated::SPEC.examples[0])?;
/// let event = OrderEvent::from(created);
/// assert_eq!(event.spec().event_type, "orders.order.created");
/// assert!(event.key().is_some());
/// # Ok(())
/// # }
/// ```
///
/// A type of one's own names the event that it is bound to: `#[event(orders::OrderStatusChanged)] Moved(Moved)`.
///
/// Each event becomes the union by `From`. A handler function that takes the union handles every event of it; `all` of a
/// subscription's `Handlers` takes such a function and does not compile while an event of the subscription has no
/// variant:
///
/// ```
/// use event_catalog::analytics::order_book;
/// # use event_catalog::orders::{OrderCreated, OrderStatusChanged};
/// use tidings::{EventUnion, Handled, Subscriber, event_handler};
///
/// # #[derive(EventUnion)]
/// # enum OrderEvent {
/// #     Created(Box<OrderCreated>),
/// #     StatusChanged(OrderStatusChanged),
/// # }
/// #[event_handler(order_book)]
/// async fn record(event: OrderEvent) -> Handled {
///     match event {
///         OrderEvent::Created(order) => println!("{} is new", order.order_id),
///         OrderEvent::StatusChanged(order) => println!("{} is {:?}", order.order_id, order.status),
///     }
///     Ok(())
/// }
///
/// fn subscriber() -> Subscriber {
///     order_book::Handlers::all(record).subscriber()
/// }
/// ```
pub use tidings_macros::EventUnion;

/// Marks the code that handles events, and says early and at the right place what is wrong with it.
///
/// On the implementation of a generated trait:
///
/// ```
/// use event_catalog::{orders, payments};
/// use tidings::{Handled, event_handler};
///
/// struct Desk;
///
/// #[event_handler]
/// impl orders::Fulfilment for Desk {
///     async fn payment_processed(
///         &self,
///         payment: payments::PaymentProcessed,
///         cx: &orders::Context,
///     ) -> Handled {
///         println!("{} is paid, in attempt {}", payment.order_id, cx.attempt());
///         Ok(())
///     }
/// }
/// ```
///
/// On a function: its first argument is the event, the others are extractors. The function's name becomes a value to put
/// into the subscription's `Handlers`; a unit test calls the function itself as `welcome::run(…)`.
///
/// ```no_run
/// use event_catalog::user::UserCreated;
/// use event_catalog::user_profile;
/// use tidings::{Handled, State, Tidings, event_handler};
///
/// #[derive(Clone)]
/// struct Mailer;
/// # impl Mailer { async fn welcome(&self, _: &str) -> std::io::Result<()> { Ok(()) } }
///
/// #[event_handler]
/// async fn welcome(user: UserCreated, State(mailer): State<Mailer>) -> Handled {
///     mailer.welcome(&user.email).await?;
///     Ok(())
/// }
///
/// # async fn run(bus: Tidings) -> Result<(), tidings::RunError> {
/// let subscriber = user_profile::welcome_mail::Handlers { user_created: welcome }.subscriber();
/// bus.run(subscriber).state(Mailer).await?;
/// # Ok(())
/// # }
/// ```
///
/// `#[event_handler(user_profile::welcome_mail)]` names the subscription that the function is for; then it is checked
/// that the subscription receives the event.
///
/// With `idempotent = true`, on either, each event is handled once, as the [`Inbox`] of the run knows; so it is for a whole
/// subscription that the catalog calls `idempotent`.
///
/// Methods and functions may return any `Result<(), E>` whose error converts into [`HandlerError`].
pub use tidings_macros::event_handler;

#[cfg(feature = "code-first")]
pub use schemars::{self, JsonSchema};

pub use jiff::Timestamp;
pub use jiff::civil::Date;
pub use uuid::Uuid;

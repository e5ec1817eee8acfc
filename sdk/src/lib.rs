//! Typed events over NATS JetStream, generated from a catalog in YAML.

mod broker;
mod bus;
pub mod catalog;
mod config;
mod consumer;
mod dead_letter;
mod envelope;
mod event;
mod handler;
mod headers;
mod percent;
mod publisher;
mod retry;
mod subject;
#[cfg(feature = "testing")]
pub mod testing;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use broker::{BrokerError, ConnectionState};
pub use bus::{EnsureError, Lag, Tidings};
pub use catalog::Subscription;
pub use config::{Config, ConfigError, ConnectError};
pub use consumer::{Report, Run, RunError, Subscriber};
pub use dead_letter::{DeadLetter, DeadLetters, Reason};
pub use envelope::{ContentMode, Envelope, EnvelopeError};
pub use event::{
    ConsumedBy, Event, EventSpec, ParseVersionError, PublishedBy, Service, ServiceSpec, Version,
};
pub use handler::{
    Context, EventHandler, Extractor, FromContext, Handled, HandlerError, MissingState, Reject,
    RetryAfter, State,
};
pub use headers::{Headers, InvalidHeader};
pub use publisher::{Publish, PublishError, Published, Publisher, Receipt};
pub use subject::{InvalidToken, Subject};

pub use jiff::Timestamp;
pub use jiff::civil::Date;
pub use uuid::Uuid;

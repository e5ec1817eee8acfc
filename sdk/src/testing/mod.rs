//! For tests of services: the embedded broker with faults on demand, and a real server to be killed and frozen.
//!
//! # The embedded broker, and what can happen to it
//!
//! A test whose time is paused waits for nothing: an hour of backoff takes no time. What goes wrong on a network now and
//! then goes wrong when the test says so. Here the word of the stream is lost, and the service dies before it
//! acknowledges:
//!
//! ```
//! use event_catalog::{CATALOG, user::UserCreated, user_profile};
//! use tidings::testing::{self, Fault};
//! use tidings::{Event, Handled, State, event_handler};
//! use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
//!
//! #[event_handler]
//! async fn welcome(user: UserCreated, State(sent): State<UnboundedSender<String>>) -> Handled {
//!     sent.send(user.email)?;
//!     Ok(())
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)] // in a test: #[tokio::test(start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (bus, faults) = testing::embedded();
//! bus.ensure(&CATALOG).await?;
//! let (sender, mut mails) = unbounded_channel::<String>();
//! let run = || {
//!     let subscriber = user_profile::welcome_mail::Handlers { user_created: welcome }.subscriber();
//!     bus.run(subscriber).state(sender.clone())
//! };
//!
//! faults.inject(Fault::PublishAnswerLost); // the event is sent again, and stored once
//! let member: UserCreated = serde_json::from_str(UserCreated::SPEC.examples[0])?;
//! let publisher = user_profile::Publisher::new(&bus).organization("acme");
//! let published = publisher.user_created(member).await?;
//! assert!(!published.duplicate);
//!
//! faults.inject(Fault::CrashBeforeAck);
//! let crashed = run().await; // ends at the crash
//! assert!(crashed.is_err());
//!
//! let next_instance = tokio::spawn(run().into_future());
//! mails.recv().await;
//! mails.recv().await; // delivered again after the ack wait: a mail too many, if nothing prevents it
//! # next_instance.abort();
//! # Ok(())
//! # }
//! ```
//!
//! [`Faults::chaos`] lets everything happen at random, the same for the same seed.
//!
//! # Events to test with
//!
//! [`example`] and [`examples`] are those of the catalog. With the feature `proptest`, `any` is any valid event: what its schema
//! allows, however odd.
//!
//! # A real server
//!
//! With the feature `testing`, `NatsServer` and `Cluster` are real servers, each of one test, to be killed, frozen and
//! restarted.

#[cfg(feature = "proptest")]
mod arbitrary;
mod example;
#[cfg(feature = "testing")]
mod server;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod steps;

pub use crate::broker::embedded::{Fault, Faults};

#[cfg(feature = "proptest")]
pub use self::arbitrary::any;
pub use self::example::{example, examples};
#[cfg(feature = "testing")]
pub use self::server::{Cluster, NatsServer, ServerConfig};

use crate::Tidings;
use crate::broker::embedded::Embedded;

/// A bus over an embedded broker, as [`Tidings::embedded`] gives it, and what can be made to go wrong with it.
///
/// ```
/// use event_catalog::user_profile;
/// use tidings::testing::{self, Fault};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (bus, faults) = testing::embedded();
/// bus.ensure(&event_catalog::CATALOG).await?;
/// faults.inject(Fault::PublishLost); // and sent again, after 5 s that take no time
/// let publisher = user_profile::Publisher::new(&bus).organization("acme");
/// publisher.user_created(testing::example()).await?;
/// assert_eq!(faults.struck(), [Fault::PublishLost]);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn embedded() -> (Tidings, Faults) {
    let broker = Embedded::new();
    let faults = broker.faults().clone();
    (Tidings::on(broker), faults)
}

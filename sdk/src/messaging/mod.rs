//! Core NATS: messages and requests that reach whoever listens at that moment, and are kept by nobody.
//!
//! Events are facts, and belong into the catalog. Beside them there is what loses its meaning with its moment: that somebody
//! is typing, that a cached value is stale, a question to whichever instance is free. For that there are subjects of your own
//! choice, without a stream: nothing is stored, tried again or told twice, and who does not listen does not hear.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use tidings::Tidings;
//! use tidings::messaging::{Json, Refusal};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Seen { member: u64 }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let bus = Tidings::embedded();
//! let core = bus.core();
//!
//! let mut seen = core.subscribe("presence.*").await?; // every subscriber hears every message
//! core.publish("presence.web", Json(Seen { member: 7 })).await?;
//! let message = seen.next().await?.expect("it was sent while we listened");
//! assert_eq!(message.json::<Seen>()?.member, 7);
//!
//! let squares = core.subscribe("math.square").group("math").await?; // one of the group hears each
//! let answering = squares.answer(async |Json(n): Json<i64>| {
//!     let square = n.checked_mul(n).ok_or_else(|| Refusal::new(400, "too large"))?;
//!     Ok(Json(square))
//! });
//! let answering = tokio::spawn(answering.into_future()); // until the process is told to end
//! let answer = core.request("math.square", Json(12)).await?;
//! assert_eq!(answer.json::<i64>()?, 144);
//! # answering.abort();
//! # Ok(())
//! # }
//! ```
//!
//! On the embedded broker it is the same, within the process.

mod answer;
mod error;
mod message;
mod payload;
mod publish;
mod request;
mod subject;
mod subscribe;

pub use self::answer::{Answering, Refusal};
pub use self::error::CoreError;
pub use self::message::Message;
pub use self::payload::{FromMessage, Json, Payload};
pub use self::publish::Publish;
pub use self::request::Request;
pub use self::subscribe::{Messages, Subscribe};

use crate::Tidings;

/// The name of the header with a refusal's words, and of the one with its code: those of NATS' own micro services.
const REFUSAL: &str = "Nats-Service-Error";
const REFUSAL_CODE: &str = "Nats-Service-Error-Code";

/// Core NATS on a connection: see [the module](self).
///
/// ```
/// use tidings::messaging::CoreError;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), CoreError> {
/// # let bus = tidings::Tidings::embedded();
/// let core = bus.core();
/// let mut stale = core.subscribe("cache.stale.*").await?;
/// core.publish("cache.stale.member-7", "").await?;
/// let message = stale.next().await?.expect("it was sent while we listened");
/// assert_eq!(message.subject(), "cache.stale.member-7");
///
/// let nobody = core.request("cache.size", "").await; // an error at once, and no waiting in vain
/// assert!(matches!(nobody, Err(CoreError::NoResponders { .. })));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Core {
    bus: Tidings,
}

impl Core {
    pub(crate) fn new(bus: Tidings) -> Self {
        Self { bus }
    }

    /// Sends a message to whoever listens to this subject now; see [`Publish`].
    ///
    /// What a stream captures is stored there, too, and taken for an event: those are published with a
    /// [`Publisher`](crate::Publisher).
    pub fn publish(&self, subject: impl Into<String>, payload: impl Payload) -> Publish {
        Publish::new(self.bus.clone(), subject.into(), payload)
    }

    /// Asks whoever listens to this subject, and waits for the first answer; see [`Request`].
    pub fn request(&self, subject: impl Into<String>, payload: impl Payload) -> Request {
        Request::new(self.bus.clone(), subject.into(), payload)
    }

    /// Listens to a subject. `*` stands for any one token, a final `>` for one or more; see [`Subscribe`].
    pub fn subscribe(&self, subject: impl Into<String>) -> Subscribe {
        Subscribe::new(self.bus.clone(), subject.into())
    }
}

//! What could not be handled, kept with the reason.
//!
//! A dead letter is the original message, byte for byte, with headers of its own beside the original ones. It lies on
//! `dlq.<service>.<subscription>.<event type>`. Redriven, it moves to `dlq_redrive.` and the same, which only that
//! subscription reads.

mod advisory;
mod letter;
mod page;
mod payload;
mod redrive;
mod shown;
mod store;
mod sweep;

pub use letter::{DeadLetter, DeadLetters};
pub(crate) use redrive::restore;
pub use redrive::{Redrive, RedriveError, Redriven};
pub(crate) use store::{Failure, store, termination};
pub(crate) use sweep::consumer as sweeper;
pub use sweep::{Sweep, Swept};

/// Headers that tell why a message is a dead letter.
mod header {
    pub(super) const PREFIX: &str = "Tidings-Dead-";
    pub(super) const REASON: &str = "Tidings-Dead-Reason";
    /// Once for the error and each of its causes, outermost first.
    pub(super) const ERROR: &str = "Tidings-Dead-Error";
    pub(super) const SUBSCRIPTION: &str = "Tidings-Dead-Subscription";
    pub(super) const SUBJECT: &str = "Tidings-Dead-Subject";
    pub(super) const STREAM: &str = "Tidings-Dead-Stream";
    pub(super) const SEQUENCE: &str = "Tidings-Dead-Sequence";
    pub(super) const ATTEMPTS: &str = "Tidings-Dead-Attempts";
    /// That the payload is not here, and why.
    pub(super) const PAYLOAD: &str = "Tidings-Dead-Payload";
    pub(super) const EVENT_TYPE: &str = "Tidings-Dead-Event-Type";
    pub(super) const EVENT_ID: &str = "Tidings-Dead-Event-Id";
    pub(super) const FIRST_FAILURE: &str = "Tidings-Dead-First-Failure";
    pub(super) const LAST_FAILURE: &str = "Tidings-Dead-Last-Failure";
    pub(super) const REDRIVE_PREFIX: &str = "Tidings-Redrive-";
    pub(super) const REDRIVE_SUBJECT: &str = "Tidings-Redrive-Subject";
    pub(super) const REDRIVE_SEQUENCE: &str = "Tidings-Redrive-Sequence";

    /// Whether the header tells of a dead letter, or of a redriven one.
    pub(super) fn is_own(name: &str) -> bool {
        [PREFIX, REDRIVE_PREFIX].iter().any(|prefix| begins(name, prefix))
    }

    /// Whether the server would act on it.
    pub(super) fn is_of_server(name: &str) -> bool {
        begins(name, "nats-")
    }

    fn begins(name: &str, prefix: &str) -> bool {
        name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    }
}

/// Why an event is among the dead letters.
///
/// ```
/// use tidings::Reason;
///
/// for reason in Reason::ALL {
///     println!("{reason}"); // as in the letter's header, in figures and in `tidings dlq list --reason`
///     assert_eq!(Reason::parse(reason.as_str()), Some(*reason));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Its handler failed in every attempt.
    Failed,
    /// Its handler rejected it.
    Rejected,
    /// Its handler panicked in the last attempt.
    Panicked,
    /// Its handler did not answer in time in the last attempt.
    TimedOut,
    /// Its deliveries ended without an answer: the process died, or was blocked.
    Abandoned,
    /// It is not an event, its payload does not fit its type, or an encrypted value is not what was encrypted.
    Undecodable,
    /// Its payload breaks constraints of its schema, in a subscription that checks them.
    Invalid,
    /// No handler of the subscription takes its type.
    UnknownEvent,
    /// No handler of the subscription takes its major version.
    OtherVersion,
    /// Its subject and its envelope tell different organizations.
    OtherOrganization,
    /// Its payload lies in the Object Store, and could not be fetched from there: it is gone, or damaged.
    PayloadUnavailable,
    /// It could not be brought to the version that its handler takes.
    UpcastFailed,
    /// Somebody else terminated its delivery; [`Sweep`](crate::Sweep) found it.
    Terminated,
    /// The server gave it up after a number of deliveries that somebody has set on the consumer;
    /// [`Sweep`](crate::Sweep) found it.
    MaxDeliveries,
}

impl Reason {
    /// Whether its handler ended so, which may say something about what the handler needs.
    pub(crate) fn is_of_handler(self) -> bool {
        matches!(self, Self::Failed | Self::Panicked | Self::TimedOut)
    }

    /// Every reason that there is.
    pub const ALL: &[Self] = &[
        Self::Failed,
        Self::Rejected,
        Self::Panicked,
        Self::TimedOut,
        Self::Abandoned,
        Self::Undecodable,
        Self::Invalid,
        Self::UnknownEvent,
        Self::OtherVersion,
        Self::OtherOrganization,
        Self::PayloadUnavailable,
        Self::UpcastFailed,
        Self::Terminated,
        Self::MaxDeliveries,
    ];

    /// As it is written in headers: `timed-out`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Panicked => "panicked",
            Self::TimedOut => "timed-out",
            Self::Abandoned => "abandoned",
            Self::Undecodable => "undecodable",
            Self::Invalid => "invalid",
            Self::UnknownEvent => "unknown-event",
            Self::OtherVersion => "other-version",
            Self::OtherOrganization => "other-organization",
            Self::PayloadUnavailable => "payload-unavailable",
            Self::UpcastFailed => "upcast-failed",
            Self::Terminated => "terminated",
            Self::MaxDeliveries => "max-deliveries",
        }
    }

    /// Every word for one.
    #[cfg(feature = "admin")]
    pub(crate) fn words() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().copied().map(Self::as_str)
    }

    /// The reason that is written so, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == text)
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

use std::time::Duration;

use crate::{BrokerError, InvalidHeader};

/// A message was not sent, a question not answered, or a subject cannot be listened to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CoreError {
    /// Not a subject. Nothing was sent.
    #[error("{subject:?} cannot be used as a subject: {reason}")]
    Subject {
        /// What was given.
        subject: String,
        /// What a subject is like.
        reason: &'static str,
    },
    /// Not the name of a group.
    #[error("{name:?} cannot be the name of a group: it is one word, without control characters")]
    Group {
        /// What was given.
        name: String,
    },
    /// Not a header. Nothing was sent.
    #[error(transparent)]
    Header(#[from] InvalidHeader),
    /// The value cannot be written as JSON. Nothing was sent.
    #[error("what was to be sent on `{subject}` cannot be written as JSON")]
    Encode {
        /// The subject.
        subject: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The message is not the JSON of the type that was asked for. The error quotes no value of it.
    #[error("what came on `{subject}` cannot be read")]
    Decode {
        /// The subject.
        subject: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The message is larger than the server takes. Nothing was sent.
    #[error("the message for `{subject}` has {size} bytes, and the server takes {limit}")]
    TooLarge {
        /// The subject.
        subject: String,
        /// Its bytes, headers included.
        size: usize,
        /// The bytes that it may have.
        limit: usize,
    },
    /// Nobody listens to what was asked. Nobody has heard it.
    #[error("nobody answers on `{subject}`: whoever would does not listen now")]
    NoResponders {
        /// The subject.
        subject: String,
    },
    /// No answer came in time. Somebody may have heard the question, and done something about it.
    #[error("no answer on `{subject}` within {after:?}")]
    TimedOut {
        /// The subject.
        subject: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// Whoever was asked says no; see [`Refusal`](super::Refusal).
    #[error("`{subject}` is refused: {description} ({code})")]
    Refused {
        /// The subject.
        subject: String,
        /// The code, like those of HTTP.
        code: u16,
        /// The words.
        description: String,
    },
    /// The account or user may not send there, or listen to it.
    #[error("permission denied: {reason}")]
    Denied {
        /// The subject.
        subject: String,
        /// The server's words, and what would allow it.
        reason: String,
    },
    /// The connection was closed on this side.
    #[error("the connection is closed")]
    Closed,
    /// There is no connection, or it was lost on the way: somebody may have heard it.
    #[error("the broker cannot be reached for `{subject}`")]
    Broker {
        /// The subject.
        subject: String,
        /// What has happened.
        source: BrokerError,
    },
}

impl CoreError {
    /// What a broker's error means for this subject.
    pub(super) fn of(subject: &str, error: BrokerError) -> Self {
        let subject = subject.to_owned();
        match error {
            BrokerError::Denied(reason) => Self::Denied { subject, reason },
            BrokerError::TooLarge { size, limit } => Self::TooLarge { subject, size, limit },
            BrokerError::Closed => Self::Closed,
            source => Self::Broker { subject, source },
        }
    }
}

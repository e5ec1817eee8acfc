use std::fmt;

use crate::contract::subject::InvalidToken;
use crate::message::opened::OpenError;
use crate::{BrokerError, EnvelopeError, PublishError};

/// An aggregate could not be read.
///
/// ```no_run
/// use tidings::Tidings;
/// use tidings::aggregate::{Aggregate, LoadError};
///
/// async fn look<Item: Aggregate>(bus: Tidings) -> Result<(), LoadError> {
///     match bus.history::<Item>().load("MUG-BLUE-350").await {
///         Err(error) if error.is_transient() => println!("later, perhaps: {error}"),
///         loaded => drop(loaded?), // an event that is missing, or cannot be read, is never passed over
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Not an id: it has to be one token of a subject.
    #[error(transparent)]
    Id(#[from] InvalidToken),
    /// The stream cannot be read.
    #[error("the history of `{aggregate}` `{id}` cannot be read")]
    Broker {
        /// Which aggregate: `orders.order`.
        aggregate: &'static str,
        /// Which one of them.
        id: String,
        /// Why not.
        source: BrokerError,
    },
    /// One of the events cannot be read, so that nobody knows what has become of it.
    #[error(
        "the history of `{aggregate}` `{id}` cannot be read at the sequence {sequence} of `{stream}`"
    )]
    Event {
        /// Which aggregate: `orders.order`.
        aggregate: &'static str,
        /// Which one of them.
        id: String,
        /// The stream.
        stream: &'static str,
        /// The event's place in it.
        sequence: u64,
        /// Why not.
        source: Unreadable,
    },
    /// Events are missing before this one: the stream has let go of them, or somebody has removed them.
    #[error(
        "the history of `{aggregate}` `{id}` has a gap before the sequence {sequence} of `{stream}`: that event is number \
         {found}, and {expected} should follow; let the stream keep its events for ever"
    )]
    Gap {
        /// Which aggregate: `orders.order`.
        aggregate: &'static str,
        /// Which one of them.
        id: String,
        /// The stream.
        stream: &'static str,
        /// The event's place in it.
        sequence: u64,
        /// Which event of the aggregate it should be.
        expected: u64,
        /// Which one it says that it is.
        found: u64,
    },
    /// An event is of another organization than the one that asks, or than the events before it.
    #[error(
        "`{aggregate}` `{id}` has an event of the organization `{found}`, and is to be that of `{expected}`"
    )]
    OtherOrganization {
        /// Which aggregate: `orders.order`.
        aggregate: &'static str,
        /// Which one of them.
        id: String,
        /// Whose it should be.
        expected: String,
        /// Whose the event is.
        found: String,
    },
}

impl LoadError {
    /// Whether the same may go well later: the broker, or whoever keeps the keys, did not answer.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Broker { source, .. } => source.is_transient(),
            Self::Event { source, .. } => source.is_outage(),
            Self::Id(_) | Self::Gap { .. } | Self::OtherOrganization { .. } => false,
        }
    }
}

/// Why a stored message cannot be read as an event, without personal data of its.
#[derive(Debug)]
pub struct Unreadable(Box<Why>);

#[derive(Debug)]
enum Why {
    Words(String),
    Envelope(EnvelopeError),
    Shut(OpenError),
}

impl Unreadable {
    pub(super) fn because(words: String) -> Self {
        Self(Box::new(Why::Words(words)))
    }

    fn is_outage(&self) -> bool {
        matches!(&*self.0, Why::Shut(error) if error.is_outage())
    }
}

impl From<EnvelopeError> for Unreadable {
    fn from(error: EnvelopeError) -> Self {
        Self(Box::new(Why::Envelope(error)))
    }
}

impl From<OpenError> for Unreadable {
    fn from(error: OpenError) -> Self {
        Self(Box::new(Why::Shut(error)))
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Why::Words(words) => f.write_str(words),
            Why::Envelope(error) => error.fmt(f),
            Why::Shut(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.0 {
            Why::Words(_) => None,
            Why::Envelope(error) => error.source(),
            Why::Shut(error) => error.source(),
        }
    }
}

/// Events were not appended, or it is not known whether they were.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// Somebody else has appended since it was loaded. Nothing is stored: load it again, and decide again.
    #[error(
        "`{aggregate}` `{id}` has moved on: its last event has the sequence {last}, and {expected} was expected"
    )]
    Conflict {
        /// Which aggregate: `orders.order`.
        aggregate: &'static str,
        /// Which one of them.
        id: String,
        /// The last sequence that was expected.
        expected: u64,
        /// The last sequence that there is, 0 for none.
        last: u64,
    },
    /// An event is about another one: its payload has another id. Nothing is stored.
    #[error(
        "an event for `{subject}` cannot be appended to `{aggregate}` `{id}`: it is about another one"
    )]
    Other {
        /// Which aggregate: `orders.order`.
        aggregate: &'static str,
        /// Which one of them.
        id: String,
        /// Where the event would be published.
        subject: String,
    },
    /// Some are stored, from the first one on, and others are not: they were appended [one by
    /// one](crate::aggregate::Aggregates::one_by_one).
    #[error("{stored} of {all} events are appended to `{aggregate}` `{id}`, and no more")]
    InPart {
        /// Which aggregate: `orders.order`.
        aggregate: &'static str,
        /// Which one of them.
        id: String,
        /// How many are stored.
        stored: usize,
        /// How many there were to be.
        all: usize,
        /// What became of the next one.
        source: PublishError,
    },
    /// They are stored, and what there is now could not be read.
    #[error("the events are appended, and what there is now cannot be read")]
    Unread(#[source] LoadError),
    /// They could not be published; nothing is stored, unless the error [says](PublishError::is_unknown) that it may be.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

/// A decision about an aggregate did not take effect.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecuteError<E> {
    /// It was decided against.
    #[error("{0}")]
    Refused(E),
    /// The aggregate could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The events could not be appended. A [conflict](AppendError::Conflict) is the last of several.
    #[error(transparent)]
    Append(#[from] AppendError),
}

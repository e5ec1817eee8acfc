use std::fmt;
use std::io;
use std::path::PathBuf;

use super::Replayed;
use crate::handler::MissingState;
use crate::{BrokerError, EncryptionError, InboxError, Reason};

/// An event that could not be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplayFailure {
    /// Its place in its stream; of an event in a file that does not say, its line.
    pub sequence: u64,
    /// In which way it failed.
    pub reason: Reason,
    /// Its type, where it could be read.
    pub event_type: Option<String>,
    /// Its id, where it could be read.
    pub event_id: Option<String>,
    /// The error and its causes, outermost first.
    pub chain: Vec<String>,
}

impl fmt::Display for ReplayFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.event_type.as_deref().unwrap_or("message");
        let (sequence, reason, error) = (self.sequence, self.reason, self.chain.join(": "));
        write!(f, "the `{what}` with the sequence {sequence}: {reason}: {error}")
    }
}

impl std::error::Error for ReplayFailure {}

/// A replay has ended before its end.
///
/// ```no_run
/// use event_catalog::analytics::order_book;
/// use tidings::{ReplayError, Subscription as _};
///
/// # async fn example(bus: tidings::Tidings, subscriber: tidings::Subscriber) -> Result<(), Box<dyn std::error::Error>> {
/// match bus.replay(order_book::Subscription::SPEC).to(subscriber).await {
///     Ok(replayed) => println!("{} events", replayed.events),
///     Err(ReplayError::Failed { failure, .. }) => {
///         eprintln!("{failure}: once that is mended, go on with .from_sequence({})", failure.sequence);
///     }
///     Err(error) => return Err(error.into()),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// An event failed. Those before it are done; a replay from its sequence, or from the checkpoint, goes on with it.
    #[error("the replay has ended at an event that failed")]
    Failed {
        /// Which one, and why.
        #[source]
        failure: Box<ReplayFailure>,
        /// What was done before.
        replayed: Replayed,
    },
    /// The stream cannot be read.
    #[error("the stream cannot be replayed")]
    Broker(#[from] BrokerError),
    /// A handler function takes a state that was not given.
    #[error("the subscriber cannot run")]
    State(#[from] MissingState),
    /// The handler is to handle each event once, by the catalog or by itself, and nothing is there that would know.
    #[error(
        "the subscription `{durable}` handles each event once, by the catalog or by its handlers: add `.inbox(…)` to the replay, such as `Inbox::kv(bucket)`"
    )]
    NoInbox {
        /// The durable consumer of the subscription.
        durable: &'static str,
    },
    /// The inbox cannot be used.
    #[error("the subscriber cannot run")]
    Inbox(#[from] InboxError),
    /// The handler receives events with encrypted fields, and the connection has no keys.
    #[error("the subscriber cannot run")]
    Keys(#[from] EncryptionError),
    /// Not a subject with wildcards.
    #[error(
        "`{filter}` is not a subject filter: write tokens between dots, as in `orders.*.created` or `orders.>`"
    )]
    Subject {
        /// What was given.
        filter: String,
    },
    /// Nothing of the source can be on such a subject.
    #[error("nothing that is replayed is on `{filter}`: its subjects are {}", subjects.join(", "))]
    Elsewhere {
        /// What was given.
        filter: String,
        /// The subjects of the source.
        subjects: Vec<String>,
    },
    /// A file cannot be read or written.
    #[error("`{}` cannot be read or written", path.display())]
    File {
        /// Where it is.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The place that a [`Checkpoint`](crate::Checkpoint) of your own gives is that of another source, or the stream is not
    /// what it was.
    #[error("the place that was kept cannot be gone on from: {reason}")]
    Place {
        /// Why.
        reason: String,
    },
    /// A [`Checkpoint`](crate::Checkpoint) of your own cannot be read or written.
    #[error("the place cannot be kept: {0}")]
    Store(crate::HandlerError),
    /// The events of a union lie in several streams, and one is read at a time.
    #[error("the events lie in several streams: {}", streams.join(", "))]
    SeveralStreams {
        /// Their names.
        streams: Vec<&'static str>,
    },
    /// The checkpoint belongs to another replay, or its stream is not what it was.
    #[error("the checkpoint `{}` cannot be gone on from: {reason}", path.display())]
    Checkpoint {
        /// Where it is.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl ReplayError {
    /// For a file.
    pub(super) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |source| Self::File { path, source }
    }
}

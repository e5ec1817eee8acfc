use crate::{BrokerError, PublishError};

/// An event is not part of a [load](super::Bulk), or a load has broken off.
///
/// ```
/// use tidings::BulkError;
///
/// /// Whether the rest of the load may go on.
/// fn goes_on(error: &BulkError) -> bool {
///     match error {
///         BulkError::BrokenOff { stored, unknown: 0, .. } => {
///             println!("the first {stored} events are stored, and no others");
///             false
///         }
///         BulkError::BrokenOff { stored, unknown, .. } => {
///             println!("the first {stored} events are stored; of the {unknown} behind them nobody knows");
///             false
///         }
///         one => {
///             println!("left out: {one}");
///             true
///         }
///     }
/// }
/// # let _ = goes_on;
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BulkError {
    /// This event cannot be published, and nothing of it was sent. The load goes on without it.
    #[error(transparent)]
    Event(#[from] PublishError),
    /// This event is of another stream than those before it, and was not sent. The load goes on without it.
    #[error(
        "`{event_type}` is of the stream `{other}`, and all others of the load are of `{stream}`: load it by itself"
    )]
    OtherStream {
        /// The event.
        event_type: &'static str,
        /// Its stream.
        other: &'static str,
        /// The stream of the load.
        stream: &'static str,
    },
    /// This event [expects a last sequence](crate::Publish::expect_last_sequence), which nothing in a load can. It was not
    /// sent. The load goes on without it.
    #[error(
        "`{event_type}` expects a last sequence of its subject, which nothing in a bulk load can: publish it by itself"
    )]
    Expects {
        /// The event.
        event_type: &'static str,
    },
    /// The load has ended before its time, and nothing more is sent. Its first events are stored, as many as are known to be;
    /// then come those of which it is not known; all behind them are not stored, and nothing is between them.
    #[error("the load has broken off: {}", fate(*stored, *unknown))]
    BrokenOff {
        /// So many of the first events that were added are stored for sure.
        stored: u64,
        /// So many behind them may be stored, whose answer did not come. What was on its way when the connection was lost may
        /// still arrive with the next one, or be lost: wait for some seconds before you look.
        unknown: u64,
        /// What ended it.
        source: BrokerError,
    },
}

impl BulkError {
    /// Whether the load has ended with it. Otherwise it goes on without the event.
    pub fn is_end(&self) -> bool {
        matches!(self, Self::BrokenOff { .. })
    }
}

fn fate(stored: u64, unknown: u64) -> String {
    match (stored, stored + unknown) {
        (0, 0) => "nothing of it is stored".to_owned(),
        (0, perhaps) => format!("nobody knows whether its events up to {perhaps} are stored"),
        (stored, perhaps) if stored == perhaps => {
            format!("it is stored up to its event {stored}, and no further")
        }
        (stored, perhaps) => {
            format!("it is stored up to its event {stored}, and perhaps up to its event {perhaps}")
        }
    }
}

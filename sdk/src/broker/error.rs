use std::time::Duration;

/// Why the broker did not do what it was asked.
///
/// ```no_run
/// use event_catalog::payments::collection;
/// use tidings::{BrokerError, Subscription as _};
///
/// # async fn example(bus: tidings::Tidings) -> Result<(), Box<dyn std::error::Error>> {
/// match bus.lag(collection::Subscription::SPEC).await {
///     Err(BrokerError::ConsumerMissing { consumer, .. }) => println!("{consumer}: nobody has applied the catalog"),
///     Err(BrokerError::Denied(what)) => println!("not ours to ask: {what}"),
///     lag => println!("{} wait", lag?.pending),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerError {
    /// No answer in time. What was asked may have happened.
    #[error("the broker did not answer within {0:?}")]
    TimedOut(Duration),
    /// Not connected, or nobody answers for JetStream right now. What was asked may have happened.
    #[error("the broker cannot be reached: {0}")]
    Unavailable(String),
    /// The account or user may not do this.
    #[error("permission denied: {0}")]
    Denied(String),
    /// The stream does not exist.
    #[error("the stream `{0}` does not exist: create it with `Tidings::ensure`")]
    StreamMissing(String),
    /// The consumer does not exist, or not any more.
    #[error(
        "the consumer `{consumer}` of stream `{stream}` does not exist: create it with `Tidings::ensure`"
    )]
    ConsumerMissing {
        /// The stream.
        stream: String,
        /// The durable consumer.
        consumer: String,
    },
    /// No stream takes messages on this subject, at least not now.
    #[error("no stream takes `{0}`: create the catalog's streams with `Tidings::ensure`")]
    NoStream(String),
    /// The stream takes no [bulk loads](crate::Bulk).
    #[error(
        "the stream `{0}` takes no bulk loads: it takes `bulk: true` in the `stream` of its domain's file, and then \
         `Tidings::ensure` or `tidings apply`"
    )]
    TakesNoLoads(String),
    /// What is to be stored all or not at all was taken one by one: the stream's leader is a server that knows no batches. Some of
    /// it may be stored.
    #[error(
        "the stream's leader knows no batches, and may have stored some of the messages: update all servers to 2.12 or newer"
    )]
    Scattered,
    /// Of several messages that were sent together some were refused. Which, or for which of the reasons, is not known.
    #[error("of several messages that were sent together, some were refused")]
    Mixed,
    /// The last message on the subject is another than expected.
    #[error("the last message on the subject is not the expected one")]
    Conflict {
        /// Its sequence, where the broker tells.
        actual: Option<u64>,
    },
    /// The message is larger than the broker takes.
    #[error("the message has {size} bytes, the broker takes {limit}")]
    TooLarge {
        /// Bytes of the message, headers included.
        size: usize,
        /// Bytes that the broker takes.
        limit: usize,
    },
    /// The broker says no, with JetStream's error code where there is one.
    #[error("the broker refused: {description} (code {code})")]
    Refused {
        /// JetStream's error code, 0 where there is none.
        code: u64,
        /// The broker's words.
        description: String,
    },
    /// The server does not know how.
    #[error("nats-server {server} cannot {what}: it takes {needed} or newer")]
    ServerTooOld {
        /// What it was asked to do.
        what: &'static str,
        /// Since when servers know: `2.12`.
        needed: &'static str,
        /// Its version.
        server: String,
    },
    /// The connection was closed on this side.
    #[error("the connection is closed")]
    Closed,
}

impl BrokerError {
    /// Whether the same request may succeed a moment later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            // A leader that just died looks like a missing stream for some seconds.
            Self::NoStream(_) | Self::StreamMissing(_) | Self::Mixed => true,
            // 10158: a duplicate of it is in flight. 10077: the stream is full for now. 10167: it has more to do than it can.
            // 10176: the connection or the leader changed within a batch. 10210: too many batches are on their way.
            Self::Refused { code, .. } => {
                matches!(code, 10008 | 10023 | 10039 | 10077 | 10158 | 10167 | 10176 | 10210)
            }
            _ => self.is_unreachable(),
        }
    }

    /// Whether a stream that has a copy of the message would have said that it is a duplicate instead: it looks for the id before
    /// it looks for room, and after everything else.
    pub(crate) fn denies_a_copy(&self) -> bool {
        matches!(self, Self::Refused { code: 10077, .. })
    }

    /// Whether the broker could not be asked, or has no leader or no room for now.
    pub(crate) fn is_outage(&self) -> bool {
        matches!(self, Self::Refused { code: 10008 | 10023, .. }) || self.is_unreachable()
    }

    /// Whether the broker could not be asked, or nobody knows what it has done.
    pub(crate) fn is_unreachable(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::Unavailable(_) | Self::Scattered)
    }
}

//! Messages, on their way and stored.

use std::fmt;

use async_nats::Subject;
use bytes::Bytes;
use jiff::Timestamp;

use crate::message::headers::Headers;
use crate::message::text::Text;

/// A message on its way to a stream.
#[derive(Clone)]
pub(crate) struct Outgoing {
    /// Where to.
    pub subject: Subject,
    /// Without the message id and expectations, which have fields of their own.
    pub headers: Headers,
    /// The body.
    pub payload: Bytes,
    /// A second message with this id is answered with [`Stored::duplicate`] and not stored.
    pub message_id: String,
    /// The stream that must take it; another one is an error.
    pub stream: &'static str,
    /// The sequence of the last message on this subject (0 for none), or the publish is a conflict.
    pub expected_last_subject_sequence: Option<u64>,
    /// The last message on any subject that this filter matches is meant instead. It matches this subject too.
    pub expected_filter: Option<String>,
    /// Above so many bytes, or what the broker takes, the payload may be [put aside](crate::claim) before it is sent; none
    /// for never.
    pub claim_check_above: Option<u64>,
    /// Whether its id is new, and it was never sent. Then all that its answer can tell is whether it is stored, and many may share
    /// one subject for theirs. Whoever sends it again says no.
    pub is_new: bool,
}

impl Outgoing {
    /// The subjects of whose last message something is expected.
    pub(crate) fn expects_of(&self) -> &str {
        self.expected_filter.as_deref().unwrap_or(&self.subject)
    }
}

impl fmt::Debug for Outgoing {
    /// Without the payload, which may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("subject", &self.subject)
            .field("message_id", &self.message_id)
            .field("stream", &self.stream)
            .field("bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}

/// The stream's word that a message is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Its place in the stream; means nothing for a duplicate.
    pub sequence: u64,
    /// The message id had been stored before, so this copy was dropped.
    pub duplicate: bool,
}

/// A message as a stream holds it.
#[derive(Clone)]
pub(crate) struct StoredMessage {
    /// Where it was published.
    pub subject: Text,
    /// Everything that came with it, the message id included.
    pub headers: Headers,
    /// The body.
    pub payload: Bytes,
    /// Its place in the stream.
    pub sequence: u64,
    /// When the stream took it.
    pub time: Timestamp,
}

impl fmt::Debug for StoredMessage {
    /// Without the payload, which may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredMessage")
            .field("subject", &self.subject)
            .field("sequence", &self.sequence)
            .field("time", &self.time)
            .field("bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}

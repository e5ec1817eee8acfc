//! Reading a stream in its order, apart from every durable consumer.

use jiff::Timestamp;

use super::{BrokerError, Names, StoredMessage, embedded, jetstream};

/// A stream's messages in their order, apart from every durable consumer.
#[derive(Debug)]
pub(crate) struct Reader {
    from: ReadFrom,
    names: Names,
}

#[derive(Debug)]
enum ReadFrom {
    JetStream(Box<jetstream::Reader>),
    Embedded(embedded::Reader),
}

/// What a reader reads.
#[derive(Clone, Debug)]
pub(crate) struct ReaderSpec {
    /// The stream.
    pub stream: String,
    /// The subjects; at least one, and none that overlap.
    pub filters: Vec<String>,
    /// Where it begins.
    pub from: Beginning,
}

/// Where a reader begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// At this sequence, or the first one after it.
    Sequence(u64),
    /// With what the stream took at this time or later.
    Time(Timestamp),
}

/// Which stream it is, and how far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StreamState {
    /// When it was created: one of the same name that is created anew is another one.
    pub created: Timestamp,
    /// The sequence of the last message that it has taken, 0 for none.
    pub last: u64,
}

/// A message that was read.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// The message.
    pub message: StoredMessage,
    /// Why its headers cannot be read, where they cannot. What is readable of them is in the message.
    pub malformed: Option<String>,
}

impl Reader {
    pub(super) fn jetstream(reader: jetstream::Reader, names: Names) -> Self {
        Self { from: ReadFrom::JetStream(Box::new(reader)), names }
    }

    pub(super) fn embedded(reader: embedded::Reader, names: Names) -> Self {
        Self { from: ReadFrom::Embedded(reader), names }
    }

    /// The next messages. With `wait` there is at least one; without, none once all that there was has been read. Safe
    /// to cancel: nothing is lost. Whatever passes (reconnects, restarts, leader changes), each comes once and in order.
    ///
    /// # Errors
    /// The stream is gone, or another one has its name now, or it may not be read.
    pub(crate) async fn read(&mut self, wait: bool) -> Result<Vec<Read>, BrokerError> {
        let read = match &mut self.from {
            ReadFrom::JetStream(reader) => reader.read(wait).await,
            ReadFrom::Embedded(reader) => reader.read(wait).await,
        };
        read.map(|messages| self.names.reads(messages))
    }

    /// Ends it, so that the broker need not find out.
    pub(crate) async fn close(self) {
        match self.from {
            ReadFrom::JetStream(reader) => reader.close().await,
            ReadFrom::Embedded(reader) => reader.close().await,
        }
    }
}

//! The seam between the runtime and what carries the messages.
//!
//! Everything above speaks to [`Broker`]; below it stand a JetStream server and the embedded broker. The methods here
//! are the contract: both sides keep it, and the conformance suite runs on both. Policy (when to retry, what a
//! failure means, where dead letters go) is not here but above.

/// Does the same with whichever of the two carries the messages.
macro_rules! on {
    ($of:ident($which:expr), $broker:ident => $body:expr) => {
        match $which {
            $of::JetStream($broker) => $body,
            $of::Embedded($broker) => $body,
        }
    };
}

mod bucket;
mod consumer;
mod core;
mod delivery;
pub(crate) mod embedded;
mod error;
mod ingest;
pub(crate) mod jetstream;
pub(crate) mod keep;
mod kept;
mod message;
mod names;
mod pattern;
mod reader;
pub(crate) mod schedule;
mod size;
mod soon;

pub(crate) use self::core::{CoreMessage, Listening};
pub(crate) use bucket::BucketStream;
pub(crate) use consumer::{ConsumerSpec, ConsumerState};
pub(crate) use delivery::{Delivery, Pull, Settle};
pub use error::BrokerError;
pub(crate) use ingest::Ingest;
pub(crate) use kept::kept;
pub(crate) use message::{Outgoing, Stored, StoredMessage};
pub(crate) use names::Names;
pub(crate) use pattern::Pattern;
pub(crate) use reader::{Beginning, Read, Reader, ReaderSpec, StreamState};
pub(crate) use soon::Soon;

use jiff::Timestamp;

use self::delivery::PullFrom;

/// The message-id header: a stream drops a message whose id it stored within its duplicate window.
pub(crate) const MESSAGE_ID: &str = "Nats-Msg-Id";
/// The header of a message that takes the place of all before it on its subject.
pub(crate) const ROLLUP: &str = "Nats-Rollup";

/// Says which subjects an expected last sequence is of.
pub(crate) const EXPECTED_OF: &str = "Nats-Expected-Last-Subject-Sequence-Subject";

/// The most messages that a stream stores all or not at all.
pub(crate) const MOST_TOGETHER: usize = 1000;

/// JetStream's code for a batch with an id that the stream knows, or with one id twice.
pub(crate) const DUPLICATE_IN_BATCH: u64 = 10201;

/// What carries the messages, and what the names of the catalog are there.
#[derive(Clone, Debug)]
pub(crate) struct Broker {
    carrier: Carrier,
    names: Names,
}

/// What carries the messages.
#[derive(Clone, Debug)]
pub(crate) enum Carrier {
    /// A NATS server with JetStream.
    JetStream(jetstream::JetStream),
    /// The broker inside this process.
    Embedded(embedded::Embedded),
}

/// Whether the broker can be reached right now.
///
/// ```
/// use tidings::{ConnectionState, Tidings};
///
/// let bus = Tidings::embedded();
/// match bus.connection_state() {
///     ConnectionState::Connected(count) => println!("connected, for the {count}. time"),
///     ConnectionState::Disconnected => println!("lost, and being looked for"),
///     ConnectionState::Closed => println!("nothing but a new start mends that"),
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// Connected; the number counts connections, so it rises with every reconnect.
    Connected(u64),
    /// Lost, and being looked for.
    Disconnected,
    /// Closed on this side, for good.
    Closed,
}

/// Some of the messages that a filter matches, in their order.
#[derive(Debug)]
pub(crate) struct Page {
    /// The messages.
    pub messages: Vec<Read>,
    /// Whether there were more behind them.
    pub more: bool,
}

/// Whether messages that are sent together may be stored each by itself, as a leader does that knows no batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scattered {
    /// For all that is known: before more are sent than the first, the stream has to say that it takes them together. That is a
    /// whole way there and back.
    Possible,
    /// The stream has just taken others together. Where they are scattered all the same, it is told at their end.
    Unlikely,
}

impl Broker {
    pub(crate) fn new(carrier: Carrier, names: Names) -> Self {
        Self { carrier, names }
    }

    /// The same, with names under another prefix or under none.
    pub(crate) fn under(&self, names: Names) -> Self {
        Self { carrier: self.carrier.clone(), names }
    }

    /// What carries the messages: it has the names of the server.
    pub(crate) fn carrier(&self) -> &Carrier {
        &self.carrier
    }

    /// What the names of the catalog are there.
    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// Waits for a connection; not for long.
    pub(crate) async fn reach(&self) -> Result<(), BrokerError> {
        on!(Carrier(&self.carrier), broker => broker.reach().await)
    }

    /// Sends a message once. Returns when it is on its way; `tell` is told the stream's word, or why there is none, once and
    /// not much later than that is known. An error before that says that nothing was sent, and nothing is told.
    ///
    /// Waits for a connection, and while too many publishes are unanswered; not for long. `tell` must not block.
    pub(crate) fn post(
        &self,
        message: &Outgoing,
        tell: impl FnOnce(Result<Stored, BrokerError>) + Send + 'static,
    ) -> Soon<Result<(), BrokerError>> {
        let message = self.names.outgoing(message);
        match &self.carrier {
            Carrier::JetStream(broker) => broker.publish(&message, tell),
            Carrier::Embedded(broker) if broker.is_up() => {
                Soon::now(broker.send(&message).map(|word| embedded::told(word, tell)))
            }
            Carrier::Embedded(broker) => {
                let (broker, message) = (broker.clone(), message.into_owned());
                Soon::later(async move {
                    broker.reach().await?;
                    broker.send(&message).map(|word| embedded::told(word, tell))
                })
            }
        }
    }

    /// The same, with a future of the word.
    pub(crate) fn send(
        &self,
        message: &Outgoing,
    ) -> Soon<Result<impl Future<Output = Result<Stored, BrokerError>> + Send + use<>, BrokerError>>
    {
        use futures_util::future::{Either, FutureExt as _};
        let message = self.names.outgoing(message);
        match &self.carrier {
            Carrier::JetStream(broker) => {
                let (tell, word) = tokio::sync::oneshot::channel();
                // Nobody may be waiting any more.
                let sent = broker.publish(&message, |stored| drop(tell.send(stored)));
                let told = word.map(|word| word.unwrap_or(Err(BrokerError::Closed)));
                sent.map(|sent| sent.map(|()| Either::Left(told)))
            }
            Carrier::Embedded(broker) if broker.is_up() => {
                Soon::now(broker.send(&message).map(Either::Right))
            }
            Carrier::Embedded(broker) => {
                let (broker, message) = (broker.clone(), message.into_owned());
                Soon::later(async move {
                    broker.reach().await?;
                    broker.send(&message).map(Either::Right)
                })
            }
        }
    }

    /// Sends messages that their stream stores all or not at all, side by side. Returns when it has all but the last,
    /// with a future of its word, which has the place of the last; an error before that says that nothing is stored.
    ///
    /// Where it knows an id, it refuses with [`DUPLICATE_IN_BATCH`]; where an expectation fails, with a conflict.
    pub(crate) async fn send_atomically(
        &self,
        messages: &[Outgoing],
        scattered: Scattered,
    ) -> Result<impl Future<Output = Result<Stored, BrokerError>> + Send + use<>, BrokerError> {
        use futures_util::future::Either;
        let messages = &*self.names.all_outgoing(messages);
        match &self.carrier {
            Carrier::JetStream(broker) => {
                broker.send_atomically(messages, scattered).await.map(Either::Left)
            }
            Carrier::Embedded(broker) => {
                broker.reach().await?;
                broker.send_atomically(messages).map(Either::Right)
            }
        }
    }

    /// Whether a server that is to sync its disk before each word does so once for messages that are sent [all or not at
    /// all](Self::send_atomically), and not once for each.
    pub(crate) fn syncs_once_a_batch(&self) -> bool {
        match &self.carrier {
            Carrier::JetStream(broker) => broker.syncs_once_a_batch(),
            Carrier::Embedded(_) => true,
        }
    }

    /// The latest time for which the stream takes a [schedule]; none where it keeps messages for ever.
    pub(crate) async fn latest_schedule(
        &self,
        stream: &str,
    ) -> Result<Option<Timestamp>, BrokerError> {
        let stream = &*self.names.stream(stream);
        on!(Carrier(&self.carrier), broker => broker.latest_schedule(stream).await)
    }

    /// The place of the message that the stream remembers under the id of this one. Stores nothing.
    pub(crate) async fn remembered(&self, message: &Outgoing) -> Result<Option<u64>, BrokerError> {
        let message = &*self.names.outgoing(message);
        on!(Carrier(&self.carrier), broker => broker.remembered(message).await)
    }

    /// Creates the stream of a bucket, or brings it to what is wanted; it never [keeps](keep) less.
    pub(crate) async fn ensure_bucket(&self, bucket: &BucketStream<'_>) -> Result<(), BrokerError> {
        let bucket = &self.names.bucket(bucket);
        on!(Carrier(&self.carrier), broker => broker.ensure_bucket(bucket).await)
    }

    /// How far a consumer has come.
    pub(crate) async fn consumer_state(
        &self,
        stream: &str,
        durable: &str,
    ) -> Result<ConsumerState, BrokerError> {
        let stream = &*self.names.stream(stream);
        on!(Carrier(&self.carrier), broker => broker.consumer_state(stream, durable).await)
    }

    /// Opens an existing durable consumer; never creates one.
    pub(crate) async fn pull(&self, consumer: ConsumerSpec) -> Result<Pull, BrokerError> {
        let consumer = self.names.consumer(consumer);
        let from = match &self.carrier {
            Carrier::JetStream(broker) => {
                PullFrom::JetStream(Box::new(broker.pull(consumer).await?))
            }
            Carrier::Embedded(broker) => {
                broker.reach().await?;
                PullFrom::Embedded(broker.pull(consumer)?)
            }
        };
        Ok(Pull { from, names: self.names.clone() })
    }

    /// Begins to read a stream.
    pub(crate) fn reader(&self, spec: ReaderSpec) -> Result<Reader, BrokerError> {
        let spec = self.names.reader(spec);
        let names = self.names.clone();
        match &self.carrier {
            Carrier::JetStream(broker) => Ok(Reader::jetstream(broker.reader(spec), names)),
            Carrier::Embedded(broker) => Ok(Reader::embedded(broker.reader(&spec)?, names)),
        }
    }

    /// How many messages a stream holds on subjects that a filter matches.
    pub(crate) async fn count(&self, stream: &str, filter: &str) -> Result<u64, BrokerError> {
        let (stream, filter) = (&*self.names.stream(stream), &*self.names.subject(filter));
        on!(Carrier(&self.carrier), broker => broker.count(stream, filter).await)
    }

    /// Which stream it is, and how far it has come.
    pub(crate) async fn stream_state(&self, stream: &str) -> Result<StreamState, BrokerError> {
        let stream = &*self.names.stream(stream);
        on!(Carrier(&self.carrier), broker => broker.stream_state(stream).await)
    }

    /// The message with the lowest sequence of at least `from` on a subject that `filter` matches.
    pub(crate) async fn next_message(
        &self,
        stream: &str,
        filter: &str,
        from: u64,
    ) -> Result<Option<StoredMessage>, BrokerError> {
        let (stream, filter) = (&*self.names.stream(stream), &*self.names.subject(filter));
        let found =
            on!(Carrier(&self.carrier), broker => broker.next_message(stream, filter, from).await)?;
        Ok(found.map(|message| self.names.stored(message)))
    }

    /// The first messages with a sequence of at least `from` on subjects that `filter` matches, as many as fit into an
    /// answer. What was stored before it was asked is among them, or there are `more`.
    ///
    /// After a loss of the connection, `carefully` reads them in a way in which malformed headers do no harm.
    pub(crate) async fn page(
        &self,
        stream: &str,
        filter: &str,
        from: u64,
        carefully: bool,
    ) -> Result<Page, BrokerError> {
        let (stream, filter) = (&*self.names.stream(stream), &*self.names.subject(filter));
        let page = on!(Carrier(&self.carrier), broker => broker.page(stream, filter, from, carefully).await)?;
        Ok(self.names.page(page))
    }

    /// The last message on a subject, or on those that a filter matches.
    pub(crate) async fn last_message(
        &self,
        stream: &str,
        subject: &str,
    ) -> Result<Option<StoredMessage>, BrokerError> {
        let (stream, subject) = (&*self.names.stream(stream), &*self.names.subject(subject));
        let found =
            on!(Carrier(&self.carrier), broker => broker.last_message(stream, subject).await)?;
        Ok(found.map(|message| self.names.stored(message)))
    }

    /// Removes a message from its stream, and tells whether it was there.
    pub(crate) async fn remove_message(
        &self,
        stream: &str,
        sequence: u64,
    ) -> Result<bool, BrokerError> {
        let stream = &*self.names.stream(stream);
        on!(Carrier(&self.carrier), broker => broker.remove_message(stream, sequence).await)
    }

    /// Removes every message on a subject.
    pub(crate) async fn purge(&self, stream: &str, subject: &str) -> Result<(), BrokerError> {
        let (stream, subject) = (&*self.names.stream(stream), &*self.names.subject(subject));
        on!(Carrier(&self.carrier), broker => broker.purge(stream, subject).await)
    }

    /// Bytes that a message may have, headers included, as far as is known without asking.
    pub(crate) fn max_payload(&self) -> usize {
        on!(Carrier(&self.carrier), broker => broker.max_payload())
    }

    /// Whether a message, and `room` more bytes, may be sent, by itself and among others.
    pub(crate) fn takes(&self, message: &Outgoing, room: usize) -> bool {
        size::in_batch(&self.names.outgoing(message)).saturating_add(room) <= self.max_payload()
    }

    /// What time it is where the broker is: on the embedded one, tokio's.
    pub(crate) fn time(&self) -> Timestamp {
        match &self.carrier {
            Carrier::JetStream(_) => Timestamp::now(),
            Carrier::Embedded(broker) => broker.time(),
        }
    }

    /// Whether the broker can be reached, as far as is known without asking it.
    pub(crate) fn connection_state(&self) -> ConnectionState {
        match &self.carrier {
            Carrier::JetStream(broker) => broker.connection().now(),
            Carrier::Embedded(broker) => broker.connection_state(),
        }
    }

    /// Asks the broker for a sign of life.
    pub(crate) async fn ping(&self) -> Result<(), BrokerError> {
        on!(Carrier(&self.carrier), broker => broker.ping().await)
    }

    /// Sends what is buffered and closes the connection; what comes later fails with [`BrokerError::Closed`].
    pub(crate) async fn close(&self) -> Result<(), BrokerError> {
        on!(Carrier(&self.carrier), broker => broker.close().await)
    }
}

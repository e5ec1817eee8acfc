//! A NATS server with JetStream.
//!
//! Publishing goes through the client library's acknowledgement futures. Everything else speaks JetStream's own
//! protocol over plain requests, because the library's consumers and settlements hide what a runtime has to know:
//! see `ARCHITECTURE.md`.

mod admin;
mod api;
mod atomic;
mod bucket;
mod connection;
mod core;
mod denial;
mod logon;
mod page;
mod permission;
mod pull;
mod quarantine;
mod reader;
mod settle;
mod topology;

use std::ops::Deref;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_nats::header::HeaderMap;
use async_nats::jetstream::context::{PublishAckFuture, PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::{Client, HeaderName, HeaderValue, jetstream};
use jiff::Timestamp;
use tokio::sync::watch;

pub(crate) use self::core::Listening;
pub(crate) use admin::{ConsumerInfo, Creation, Settings, StreamInfo};
pub(crate) use connection::{Connection, connect};
pub(crate) use pull::Pull;
pub(crate) use reader::Reader;
pub(crate) use settle::Settle;

use super::{
    BrokerError, BucketStream, ConnectionState, ConsumerSpec, ConsumerState, EXPECTED_OF,
    MESSAGE_ID, Outgoing, Page, ReaderSpec, Stored, StoredMessage, StreamState, size,
};
use crate::message::headers::Headers;

/// How long one request or acknowledgement may take. A second attempt is the caller's decision.
const ANSWER: Duration = Duration::from_secs(5);
/// How many publishes may wait for their acknowledgement at once; more wait to be sent.
const IN_FLIGHT: usize = 1024;

/// A connection to a server with JetStream.
#[derive(Clone, Debug)]
pub(crate) struct JetStream(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    library: watch::Sender<Arc<Library>>,
    connection: Connection,
}

/// The client library at work. It is replaced when it dies: see [`connection`].
#[derive(Debug)]
struct Library {
    client: Client,
    context: jetstream::Context,
}

impl Library {
    fn new(client: Client) -> Arc<Self> {
        let context = jetstream::context::ContextBuilder::new()
            .timeout(ANSWER)
            .max_ack_inflight(IN_FLIGHT)
            .backpressure_on_inflight(true)
            .build(client.clone());
        Arc::new(Self { client, context })
    }
}

impl Inner {
    fn library(&self) -> Arc<Library> {
        Arc::clone(&self.library.borrow())
    }

    fn replace(&self, client: Client) {
        self.library.send_replace(Library::new(client));
    }
}

impl Drop for Inner {
    /// With its last user, nobody needs the connection, and none has to be looked for.
    fn drop(&mut self) {
        self.connection.set(ConnectionState::Closed);
    }
}

impl Deref for JetStream {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl JetStream {
    fn new(client: Client, connection: Connection) -> Self {
        Self(Arc::new(Inner { library: watch::Sender::new(Library::new(client)), connection }))
    }

    fn downgrade(&self) -> Weak<Inner> {
        Arc::downgrade(&self.0)
    }

    /// State of the connection, and word of what changes it.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) async fn reach(&self) -> Result<(), BrokerError> {
        self.connection.up(ANSWER).await.map(drop)
    }

    pub(super) async fn send(
        &self,
        message: &Outgoing,
    ) -> Result<impl Future<Output = Result<Stored, BrokerError>> + Send + use<>, BrokerError> {
        // What is handed to the library while it is disconnected goes out with the next connection, perhaps when the
        // stream has forgotten the ids of earlier copies.
        let connection = self.connection.up(ANSWER).await?;
        if message.expected_filter.is_some() {
            // An older one takes no notice, and compares with the message's own subject.
            self.requires(11, "2.11", "expect a last sequence of several subjects")?;
        }
        let library = self.library();
        let (size, limit) = (size::published(message), library.client.max_payload());
        if size > limit {
            return Err(BrokerError::TooLarge { size, limit });
        }
        let mut publish = PublishMessage::build()
            .payload(message.payload.clone())
            .headers(to_header_map(&message.headers)?)
            .message_id(&message.message_id)
            .expected_stream(message.stream);
        if let Some(sequence) = message.expected_last_subject_sequence {
            publish = publish.expected_last_subject_sequence(sequence);
            if let Some(filter) = &message.expected_filter {
                publish = publish.header(EXPECTED_OF, filter.as_str());
            }
        }
        let mut on_its_way = self.connection.begin(&message.subject);
        let sent = library.context.send_publish(message.subject.clone(), publish);
        // The library bounds its own send; the wait for a permit is ours to bound.
        let acknowledgement = match tokio::time::timeout(ANSWER, sent).await {
            Ok(sent) => sent.map_err(|error| self.publish_error(message, &error))?,
            Err(_) => return Err(BrokerError::TimedOut(ANSWER)),
        };
        let (this, message) = (self.clone(), message.clone());
        Ok(async move {
            tokio::select! {
                biased;
                stored = this.stored(&message, acknowledgement) => on_its_way.heard(stored),
                denied = on_its_way.denied() => Err(denied),
                deaf = this.connection.deaf() => Err(deaf),
                lost = this.connection.lost_since(connection) => Err(lost),
            }
        })
    }

    pub(super) async fn send_atomically(
        &self,
        messages: &[Outgoing],
    ) -> Result<impl Future<Output = Result<Stored, BrokerError>> + Send + use<>, BrokerError> {
        atomic::send(self, messages).await
    }

    pub(super) async fn latest_schedule(
        &self,
        stream: &str,
    ) -> Result<Option<Timestamp>, BrokerError> {
        self.requires_2_12("store an event at a later time")?;
        topology::latest_schedule(self, stream).await
    }

    pub(super) async fn remembered(&self, message: &Outgoing) -> Result<Option<u64>, BrokerError> {
        atomic::remembered(self, message).await
    }

    /// Refuses what servers can do since 2.12, where the server is older.
    fn requires_2_12(&self, what: &'static str) -> Result<(), BrokerError> {
        self.requires(12, "2.12", what)
    }

    fn requires(
        &self,
        minor: i64,
        needed: &'static str,
        what: &'static str,
    ) -> Result<(), BrokerError> {
        let client = &self.library().client;
        if client.is_server_compatible(2, minor, 0) {
            return Ok(());
        }
        if client.try_server_info().is_none() {
            return Err(BrokerError::Unavailable("there has been no connection yet".into()));
        }
        let server = client.server_info().version;
        Err(BrokerError::ServerTooOld { what, needed, server })
    }

    async fn stored(
        &self,
        message: &Outgoing,
        acknowledgement: PublishAckFuture,
    ) -> Result<Stored, BrokerError> {
        let answer = acknowledgement.await;
        let ack = answer.map_err(|error| self.publish_error(message, &error))?;
        // Of a copy that is not yet agreed upon, and may be lost with its leader, servers before 2.12 say this; later ones
        // refuse the second copy with this code.
        if ack.duplicate && ack.sequence == 0 {
            let description = "a duplicate of it is in flight".to_owned();
            return Err(BrokerError::Refused { code: 10158, description });
        }
        Ok(Stored { sequence: ack.sequence, duplicate: ack.duplicate })
    }

    pub(super) async fn ensure_bucket(&self, bucket: &BucketStream<'_>) -> Result<(), BrokerError> {
        bucket::ensure(self, bucket).await
    }

    pub(super) async fn consumer_state(
        &self,
        stream: &str,
        durable: &str,
    ) -> Result<ConsumerState, BrokerError> {
        topology::consumer_state(self, stream, durable).await
    }

    pub(super) async fn pull(&self, consumer: ConsumerSpec) -> Result<Pull, BrokerError> {
        Pull::open(self.clone(), consumer).await
    }

    pub(super) fn reader(&self, spec: ReaderSpec) -> Reader {
        Reader::new(self.clone(), spec)
    }

    pub(super) async fn count(&self, stream: &str, filter: &str) -> Result<u64, BrokerError> {
        topology::count(self, stream, filter).await
    }

    pub(super) async fn stream_state(&self, stream: &str) -> Result<StreamState, BrokerError> {
        topology::stream_state(self, stream).await
    }

    pub(super) async fn next_message(
        &self,
        stream: &str,
        filter: &str,
        from: u64,
    ) -> Result<Option<StoredMessage>, BrokerError> {
        api::stored_message(self, stream, &api::Which::Next { filter, from }).await
    }

    pub(super) async fn page(
        &self,
        stream: &str,
        filter: &str,
        from: u64,
        carefully: bool,
    ) -> Result<Page, BrokerError> {
        page::read(self, stream, filter, from, carefully).await
    }

    pub(super) async fn last_message(
        &self,
        stream: &str,
        subject: &str,
    ) -> Result<Option<StoredMessage>, BrokerError> {
        api::stored_message(self, stream, &api::Which::Last { subject }).await
    }

    pub(super) async fn remove_message(
        &self,
        stream: &str,
        sequence: u64,
    ) -> Result<bool, BrokerError> {
        api::remove_message(self, stream, sequence).await
    }

    pub(super) async fn purge(&self, stream: &str, subject: &str) -> Result<(), BrokerError> {
        api::purge(self, stream, subject).await
    }

    pub(super) fn max_payload(&self) -> usize {
        self.library().client.max_payload()
    }

    pub(super) async fn ping(&self) -> Result<(), BrokerError> {
        api::call(self, "INFO", &serde_json::Value::Null).await.map(drop)
    }

    pub(super) async fn close(&self) -> Result<(), BrokerError> {
        self.connection.close(&self.library().client).await
    }

    fn publish_error(&self, message: &Outgoing, error: &PublishError) -> BrokerError {
        use std::error::Error as _;
        let answer = error
            .source()
            .and_then(|source| source.downcast_ref::<jetstream::Error>())
            .map(|error| (error.error_code().0, error.to_string()));
        match (error.kind(), answer) {
            (_, Some((code, description))) => api::refusal(code, description),
            (PublishErrorKind::TimedOut, None) if self.connection.is_closed() => {
                BrokerError::Closed
            }
            (PublishErrorKind::TimedOut, None) => BrokerError::TimedOut(ANSWER),
            (PublishErrorKind::MaxPayloadExceeded, None) => {
                let limit = self.library().client.max_payload();
                BrokerError::TooLarge { size: size::published(message), limit }
            }
            (_, None) if self.connection.is_closed() => BrokerError::Closed,
            (PublishErrorKind::StreamNotFound, None) => {
                BrokerError::NoStream(message.subject.clone())
            }
            (_, None) => BrokerError::Unavailable(error.to_string()),
        }
    }
}

/// All headers of a message, those among them that stand in fields of their own.
fn header_map(message: &Outgoing) -> Result<HeaderMap, BrokerError> {
    let mut headers = message.headers.clone();
    headers.push_received(MESSAGE_ID, message.message_id.clone());
    headers.push_received("Nats-Expected-Stream", message.stream.to_owned());
    if let Some(sequence) = message.expected_last_subject_sequence {
        headers.push_received("Nats-Expected-Last-Subject-Sequence", sequence.to_string());
        if let Some(filter) = &message.expected_filter {
            headers.push_received(EXPECTED_OF, filter.clone());
        }
    }
    to_header_map(&headers)
}

fn to_header_map(headers: &Headers) -> Result<HeaderMap, BrokerError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers.iter() {
        // The library panics on values that it cannot send unless they were parsed first.
        let parsed = name.parse::<HeaderName>().ok().zip(value.parse::<HeaderValue>().ok());
        let Some((name, value)) = parsed else {
            let description = format!("the header `{name}` cannot be sent");
            return Err(BrokerError::Refused { code: 0, description });
        };
        map.append(name, value);
    }
    Ok(map)
}

fn from_header_map(map: Option<&HeaderMap>) -> Headers {
    let mut headers = Headers::new();
    for (name, values) in map.into_iter().flat_map(HeaderMap::iter) {
        for value in values {
            headers.push_received(name.to_string(), value.as_str().to_owned());
        }
    }
    headers
}

//! A NATS server with JetStream.
//!
//! The client library keeps the connection; JetStream's own protocol is spoken here, over plain messages, because the library's
//! consumers and settlements hide what a runtime has to know, and its acknowledgements cost more than they need to: see
//! `ARCHITECTURE.md`.

mod admin;
mod answers;
mod api;
mod atomic;
mod bucket;
mod connection;
mod core;
mod ingest;
mod logon;
mod page;
mod permission;
mod place;
mod publish;
mod pull;
mod quarantine;
mod reader;
mod settle;
mod topology;
mod waiting;
mod word;

use std::ops::Deref;
use std::sync::{Arc, LazyLock, Weak};
use std::time::Duration;

use async_nats::header::HeaderMap;
use async_nats::{Client, HeaderName, HeaderValue};
use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};

pub(crate) use self::core::Listening;
pub(crate) use admin::{ConsumerInfo, Creation, Settings, StreamInfo};
pub(crate) use connection::{Connection, connect};
pub(crate) use ingest::Ingest;
#[cfg(feature = "testing")]
pub(crate) use publish::header_map;
pub(crate) use pull::Pull;
pub(crate) use reader::Reader;
pub(crate) use settle::Settle;

use super::{
    BrokerError, BucketStream, ConnectionState, ConsumerSpec, ConsumerState, Outgoing, Page,
    ReaderSpec, Scattered, Stored, StoredMessage, StreamState,
};
use crate::message::envelope;
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
    /// Places for publishes that wait for their word.
    in_flight: Arc<Semaphore>,
}

/// The client library at work. It is replaced when it dies: see [`connection`].
#[derive(Debug)]
struct Library {
    client: Client,
    inbox: answers::Inbox,
}

impl Library {
    fn new(client: Client) -> Arc<Self> {
        Arc::new(Self { client, inbox: answers::Inbox::default() })
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
        self.connection.waiting().flush();
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
        let library = watch::Sender::new(Library::new(client));
        Self(Arc::new(Inner {
            library,
            connection,
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
        }))
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

    pub(super) async fn send_atomically(
        &self,
        messages: &[Outgoing],
        scattered: Scattered,
    ) -> Result<impl Future<Output = Result<Stored, BrokerError>> + Send + use<>, BrokerError> {
        atomic::send(self, messages, scattered).await
    }

    pub(super) fn syncs_once_a_batch(&self) -> bool {
        // Seen on 2.15.1; 2.12.8 syncs once a message, as 2.14.5 does by its source.
        self.requires(15, "2.15", "").is_ok()
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

    /// The same since 2.14.
    fn requires_2_14(&self, what: &'static str) -> Result<(), BrokerError> {
        self.requires(14, "2.14", what)
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
}

/// Those of an event in structured mode, as nearly all are: to copy them is a fraction of making them.
static STRUCTURED_MAP: LazyLock<HeaderMap> = LazyLock::new(|| {
    let headers = envelope::STRUCTURED_HEADERS.iter();
    headers
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from(*value)))
        .collect()
});

pub(super) fn to_header_map(headers: &Headers) -> Result<HeaderMap, BrokerError> {
    if headers.are_fixed(envelope::STRUCTURED_HEADERS) {
        return Ok(STRUCTURED_MAP.clone());
    }
    let mut map = HeaderMap::new();
    for (name, value) in headers.iter() {
        let value = header_value(name, value)?;
        map.append(name.parse::<HeaderName>().map_err(|_| unsendable(name))?, value);
    }
    Ok(map)
}

/// The library panics on values that it cannot send unless they were parsed first.
fn header_value(name: &str, value: &str) -> Result<HeaderValue, BrokerError> {
    value.parse().map_err(|_| unsendable(name))
}

pub(super) fn unsendable(name: &str) -> BrokerError {
    let description = format!("the header `{name}` cannot be sent");
    BrokerError::Refused { code: 0, description }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_are_always_the_same_are_as_any_other() {
        let fixed = Headers::fixed(envelope::STRUCTURED_HEADERS);
        let mut own = Headers::new();
        for (name, value) in fixed.iter() {
            own.push_received(name.to_owned(), value.to_owned());
        }
        assert!(!own.are_fixed(envelope::STRUCTURED_HEADERS));
        let map = |headers: &Headers| to_header_map(headers).expect("they can be sent");
        assert_eq!(map(&fixed), map(&own));
        let mut more = fixed.clone();
        more.insert("Tenant", "acme").expect("a header");
        assert_eq!(map(&more).len(), map(&fixed).len() + 1);
    }
}

//! Reading a stream in its order, apart from every durable consumer.
//!
//! Through a consumer of the reader's own that has a name, an explicit start and no acknowledgements, and that the server
//! forgets once nobody asks it. Whatever may have cost a message, the reader makes a new one behind the last message that
//! came. (The client library's ordered consumer begins at the stream's start when it is lost before its first message.)

use std::collections::VecDeque;
use std::time::Duration;

use async_nats::{Message, Subscriber};
use futures_util::{FutureExt as _, StreamExt as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::connection::Denials;
use super::place::Place;
use super::{ANSWER, JetStream, api, quarantine, topology};
use crate::broker::pattern::Pattern;
use crate::broker::{
    Beginning, BrokerError, ConnectionState, Read, ReaderSpec, StoredMessage, StreamState,
};
use crate::message::headers::Headers;

/// Messages asked for at once, and how many bytes of them at most.
const BATCH: usize = 1000;
const BATCH_BYTES: usize = 8 << 20;
/// Messages handed over at once.
const CHUNK: usize = 256;
/// How long the server keeps a request open, and how often it says that it does.
const EXPIRES: Duration = Duration::from_secs(30);
const HEARTBEAT: Duration = Duration::from_secs(1);
/// Silence after which a request is taken for lost.
const SILENCE: Duration = Duration::from_millis(2500);
/// The server forgets the consumer when it was not asked for so long.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);
/// Pause after what may pass, and how many answers in a row that the stream is missing are final.
const PAUSE: Duration = Duration::from_millis(250);
const FINAL_AFTER: u32 = 8;

/// A stream's messages, from a place on.
#[derive(Debug)]
pub(crate) struct Reader {
    broker: JetStream,
    stream: String,
    filters: Vec<String>,
    /// Where one filter covers several: what is meant.
    meant: Option<Vec<Pattern>>,
    from: Beginning,
    source: Option<Source>,
    /// When the stream was created, once that is known.
    created: Option<Timestamp>,
    /// The sequence of the last message that came, 0 for none.
    read_to: u64,
    connection: watch::Receiver<ConnectionState>,
    denials: Denials,
    /// Read and not handed over yet.
    arrived: VecDeque<Read>,
    /// So many messages were out when the connection was lost: by one of them, for all that is known.
    suspicious: usize,
    /// Answers in a row that said the stream does not exist.
    missing: u32,
}

/// The server's consumer, and the request that is open with it.
#[derive(Debug)]
struct Source {
    name: String,
    subject: String,
    inbox: String,
    messages: Subscriber,
    connection: ConnectionState,
    /// Messages that were asked for and have not come.
    asked: usize,
    /// When the silence counts as a lost request.
    silent_at: Instant,
    /// How many messages have come: the server counts as well.
    count: u64,
    /// How many are left, as far as is known.
    pending: u64,
}

/// What an answer means.
enum Answer {
    Message(Box<Read>),
    Nothing,
    /// The server has had nothing to send for a while.
    Idle,
    Lost(String),
}

impl Reader {
    pub(super) fn new(broker: JetStream, spec: ReaderSpec) -> Self {
        let ReaderSpec { stream, filters, from } = spec;
        let own: Vec<&str> = filters.iter().map(String::as_str).collect();
        let asked = topology::filters(&broker, &own);
        let meant = (asked != filters)
            .then(|| own.iter().filter_map(|filter| Pattern::parse(filter)).collect());
        let (connection, denials) = (broker.connection().state(), broker.connection().denials());
        Self {
            stream,
            filters: asked,
            meant,
            from,
            source: None,
            created: None,
            read_to: 0,
            connection,
            denials,
            arrived: VecDeque::new(),
            suspicious: 0,
            missing: 0,
            broker,
        }
    }

    pub(in crate::broker) async fn read(&mut self, wait: bool) -> Result<Vec<Read>, BrokerError> {
        loop {
            if !self.arrived.is_empty() {
                let count = self.arrived.len().min(CHUNK);
                return Ok(self.arrived.drain(..count).collect());
            }
            let state = *self.connection.borrow_and_update();
            match state {
                ConnectionState::Closed => return Err(BrokerError::Closed),
                ConnectionState::Disconnected => {
                    self.lose("the connection was lost");
                    if self.connection.changed().await.is_err() {
                        return Err(BrokerError::Closed);
                    }
                    continue;
                }
                ConnectionState::Connected(_) => {}
            }
            if self.source.as_ref().is_some_and(|source| source.connection != state) {
                self.lose("the connection was lost");
            }
            if self.suspicious > 0 {
                self.read_carefully().await?;
                continue;
            }
            let Some(source) = &mut self.source else {
                self.open(state).await?;
                continue;
            };
            if !wait && source.pending == 0 {
                // A replica that lags behind may have told so: the stream itself has the last word.
                match self.next_message().await {
                    Ok(None) | Err(BrokerError::Denied(_)) => return Ok(Vec::new()),
                    Ok(Some(_)) => {}
                    Err(error) if error.is_transient() => tokio::time::sleep(PAUSE).await,
                    Err(error) => return Err(error),
                }
            }
            let Some(source) = &mut self.source else { continue };
            if let Err(words) = source.ask(&self.broker).await {
                self.lose(&words);
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            let asked = [source.subject.as_str(), source.inbox.as_str()];
            let silent_at = source.silent_at;
            tokio::select! {
                biased;
                denied = self.denials.of(&asked) => return Err(denied),
                message = source.messages.next() => match message {
                    Some(message) => self.take(message, wait).await?,
                    None => {
                        let asked = source.asked;
                        self.lose("the client library has died");
                        self.suspicious = asked;
                    }
                },
                _ = self.connection.changed() => {}
                () = tokio::time::sleep_until(silent_at) => self.lose("the server is silent"),
            }
        }
    }

    /// Has the server forget the consumer now, if it can be told.
    pub(in crate::broker) async fn close(self) {
        if let Some(source) = self.source {
            let method = format!("CONSUMER.DELETE.{}.{}", self.stream, source.name);
            let _ = api::call(&self.broker, &method, &Value::Null).await;
        }
    }

    /// Makes a consumer behind the last message that came.
    async fn open(&mut self, connection: ConnectionState) -> Result<(), BrokerError> {
        match Source::open(&self.broker, &self.stream, &self.filters, self.from, connection).await {
            Ok((source, next)) => {
                self.missing = 0;
                if self.is_the_same().await? {
                    let behind = match self.from {
                        Beginning::Sequence(from) => from,
                        Beginning::Time(_) => 0,
                    };
                    self.from = Beginning::Sequence(next.max(behind));
                    self.source = Some(source);
                    return Ok(());
                }
            }
            Err(error @ BrokerError::StreamMissing(_)) => {
                self.missing += 1;
                if self.missing >= FINAL_AFTER {
                    return Err(error);
                }
            }
            Err(error) if error.is_transient() => {}
            Err(error) => return Err(error),
        }
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }

    /// Sees to it that the stream is the one that was read until now, and has what was read: of another one, reading on
    /// would pass over messages. False where that cannot be told now.
    async fn is_the_same(&mut self) -> Result<bool, BrokerError> {
        let (stream, read_to) = (&self.stream, self.read_to);
        let refused = |description| Err(BrokerError::Refused { code: 0, description });
        match topology::stream_state(&self.broker, stream).await {
            Ok(StreamState { created, .. }) if self.created.is_some_and(|was| was != created) => {
                refused(format!(
                    "the stream `{stream}` was read up to {read_to}, and then created anew"
                ))
            }
            Ok(StreamState { last, .. }) if last < read_to => refused(format!(
                "the stream `{stream}` ends at {last}, and was read up to {read_to}: it has lost messages"
            )),
            Ok(StreamState { created, .. }) => {
                self.created = Some(created);
                Ok(true)
            }
            Err(error) if error.is_transient() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Gives up the consumer. What was out with a lost connection is read in another way.
    fn lose(&mut self, words: &str) {
        let Some(source) = self.source.take() else { return };
        tracing::debug!(stream = self.stream, consumer = source.name, words, "reading on anew");
        if *self.connection.borrow() != source.connection {
            self.suspicious = source.asked;
        }
    }

    /// Takes an answer, and those that lie behind it already.
    async fn take(&mut self, message: Message, wait: bool) -> Result<(), BrokerError> {
        let mut next = Some(message);
        while let Some(message) = next.take() {
            let Some(source) = &mut self.source else { break };
            match source.read(message) {
                // Never back, whatever the server hands out.
                Answer::Message(read) if read.message.sequence <= self.read_to => {}
                Answer::Message(read) => {
                    self.read_to = read.message.sequence;
                    self.from = Beginning::Sequence(self.read_to + 1);
                    let subject = &read.message.subject;
                    let meant = self.meant.as_ref();
                    if meant.is_none_or(|all| all.iter().any(|one| one.matches(subject))) {
                        self.arrived.push_back(*read);
                    }
                }
                // What was left may have been removed from the stream since.
                Answer::Idle if !wait => {
                    let info = topology::info(&self.broker, &self.stream, &source.name).await;
                    match info {
                        Ok(info) => source.pending = info["num_pending"].as_u64().unwrap_or(0),
                        Err(error) if error.is_transient() => {}
                        Err(error) => self.lose(&error.to_string()),
                    }
                }
                Answer::Nothing | Answer::Idle => {}
                Answer::Lost(words) => {
                    self.lose(&words);
                    if self.arrived.is_empty() {
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
            if let Some(source) = &mut self.source
                && self.arrived.len() < CHUNK
            {
                next = source.messages.next().now_or_never().flatten();
            }
        }
        Ok(())
    }

    /// Reads what was out when the connection was lost one by one and as JSON, where headers can do no harm.
    async fn read_carefully(&mut self) -> Result<(), BrokerError> {
        let raw = match self.next_message().await {
            Ok(Some(raw)) => raw,
            Ok(None) => {
                self.suspicious = 0;
                return Ok(());
            }
            Err(error) if error.is_transient() => {
                tokio::time::sleep(PAUSE).await;
                return Ok(());
            }
            Err(error @ BrokerError::Closed) => return Err(error),
            Err(error) => {
                tracing::warn!(stream = self.stream, %error, "cannot look for malformed headers");
                self.suspicious = 0;
                return Ok(());
            }
        };
        self.suspicious -= 1;
        let malformed = quarantine::fault(&raw.headers);
        let message = StoredMessage::from(raw);
        self.read_to = message.sequence;
        self.from = Beginning::Sequence(self.read_to + 1);
        self.arrived.push_back(Read { message, malformed });
        Ok(())
    }

    /// What comes next, as the stream itself tells it.
    async fn next_message(&self) -> Result<Option<api::RawMessage>, BrokerError> {
        let Beginning::Sequence(from) = self.from else { return Ok(None) };
        let own: Vec<&str> = match &self.meant {
            Some(meant) => meant.iter().map(Pattern::as_str).collect(),
            None => self.filters.iter().map(String::as_str).collect(),
        };
        let mut first: Option<api::RawMessage> = None;
        for filter in own {
            let which = api::Which::Next { filter, from };
            let found = api::raw_message(&self.broker, &self.stream, &which).await?;
            let sooner = |found: &api::RawMessage| {
                first.as_ref().is_none_or(|first| found.sequence < first.sequence)
            };
            if let Some(found) = found.filter(sooner) {
                first = Some(found);
            }
        }
        Ok(first)
    }
}

impl Source {
    /// A consumer of its own, and the sequence that it begins at.
    async fn open(
        broker: &JetStream,
        stream: &str,
        filters: &[String],
        from: Beginning,
        connection: ConnectionState,
    ) -> Result<(Self, u64), BrokerError> {
        let library = broker.library();
        let name = format!("replay-{}", uuid::Uuid::now_v7().simple());
        let mut config = json!({
            "name": name,
            "ack_policy": "none",
            "replay_policy": "instant",
            "inactive_threshold": topology::nanos(FORGOTTEN_AFTER),
            "mem_storage": true,
            "num_replicas": 1,
        });
        match from {
            Beginning::Sequence(sequence) => {
                config["deliver_policy"] = "by_start_sequence".into();
                config["opt_start_seq"] = sequence.max(1).into();
            }
            Beginning::Time(time) => {
                config["deliver_policy"] = "by_start_time".into();
                config["opt_start_time"] = time.to_string().into();
            }
        }
        // A single filter stands in the subject too, where permissions can see it.
        let mut method = format!("CONSUMER.CREATE.{stream}.{name}");
        match filters {
            [filter] => {
                config["filter_subject"] = filter.as_str().into();
                method = format!("{method}.{filter}");
            }
            filters => config["filter_subjects"] = json!(filters),
        }
        let request = json!({ "stream_name": stream, "config": config });
        let info = api::call(broker, &method, &request).await.map_err(|error| match error {
            BrokerError::Refused { code: api::STREAM_NOT_FOUND, .. } => {
                BrokerError::StreamMissing(stream.to_owned())
            }
            error => error,
        })?;
        let inbox = library.client.new_inbox();
        let subscribed = tokio::time::timeout(ANSWER, library.client.subscribe(inbox.clone()));
        let messages = match subscribed.await {
            Ok(Ok(messages)) => messages,
            Ok(Err(error)) => return Err(BrokerError::Unavailable(error.to_string())),
            Err(_) => return Err(BrokerError::TimedOut(ANSWER)),
        };
        let source = Self {
            subject: format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}"),
            name,
            inbox,
            messages,
            connection,
            asked: 0,
            silent_at: Instant::now() + SILENCE,
            count: 0,
            pending: info["num_pending"].as_u64().unwrap_or_default(),
        };
        Ok((source, info["delivered"]["stream_seq"].as_u64().unwrap_or_default() + 1))
    }

    /// Sends a request where none is open.
    async fn ask(&mut self, broker: &JetStream) -> Result<(), String> {
        if self.asked > 0 {
            return Ok(());
        }
        let library = broker.library();
        let request = json!({
            "batch": BATCH,
            // Any message must fit.
            "max_bytes": BATCH_BYTES.max(2 * library.client.max_payload()),
            "expires": topology::nanos(EXPIRES),
            "idle_heartbeat": topology::nanos(HEARTBEAT),
        });
        let (subject, inbox) = (self.subject.clone(), self.inbox.clone());
        let request = request.to_string().into();
        let sent = library.client.publish_with_reply(subject, inbox, request);
        match tokio::time::timeout(PAUSE, sent).await {
            Ok(Ok(())) => {
                self.asked = BATCH;
                self.silent_at = Instant::now() + SILENCE;
                Ok(())
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the client library takes nothing".to_owned()),
        }
    }

    fn read(&mut self, message: Message) -> Answer {
        self.silent_at = Instant::now() + SILENCE;
        if let Some(place) = message.reply.as_deref().and_then(Place::parse) {
            if place.consumer_sequence != self.count + 1 {
                return Answer::Lost("a message did not come".to_owned());
            }
            self.count += 1;
            self.pending = place.pending;
            self.asked = self.asked.saturating_sub(1);
            let message = StoredMessage {
                subject: message.subject.as_str().into(),
                headers: Headers::received(message.headers),
                payload: message.payload,
                sequence: place.sequence,
                time: place.time,
            };
            return Answer::Message(Box::new(Read { message, malformed: None }));
        }
        let Some(status) = message.status else { return Answer::Nothing };
        let header = |name: &str| {
            message.headers.as_ref()?.get(name).and_then(|value| value.as_str().parse().ok())
        };
        let words = message.description.clone().unwrap_or_default();
        match status.as_u16() {
            100 if header("Nats-Last-Consumer").is_some_and(|sent: u64| sent > self.count) => {
                Answer::Lost("messages did not come".to_owned())
            }
            100 => Answer::Idle,
            404 | 408 => {
                self.asked = 0;
                Answer::Nothing
            }
            409 if words.contains("MaxBytes") || words.contains("Batch Completed") => {
                self.asked = 0;
                Answer::Nothing
            }
            code => Answer::Lost(format!("{words} ({code})")),
        }
    }
}

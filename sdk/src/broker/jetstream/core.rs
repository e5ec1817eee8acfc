//! Core NATS: what is sent to whoever listens, without a stream.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{HeaderMap, Message, PublishErrorKind, Subscriber};
use futures_util::StreamExt as _;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::answers::Asked;
use super::connection::Denials;
use super::{ANSWER, JetStream, Library, to_header_map};
use crate::broker::core::CoreMessage;
use crate::broker::{BrokerError, ConnectionState, size};
use crate::message::headers::Headers;

/// How long a denial that came before an answer may take to be told of: the client library has a task of its own for that.
const DENIALS: Duration = Duration::from_millis(100);

impl From<Message> for CoreMessage {
    fn from(message: Message) -> Self {
        Self {
            subject: message.subject.to_string(),
            reply: message.reply.map(|reply| reply.to_string()),
            headers: Headers::received(message.headers),
            payload: message.payload,
        }
    }
}

impl JetStream {
    /// Hands a message to the server; `confirmed` waits until the server has read it, and knows a denial.
    pub(in crate::broker) async fn tell(
        &self,
        message: &CoreMessage,
        confirmed: bool,
    ) -> Result<(), BrokerError> {
        let connection = self.connection.up(ANSWER).await?;
        let library = self.library();
        let headers = self.headers(message)?;
        let mut on_its_way = confirmed.then(|| self.connection.begin(&message.subject));
        let (subject, payload) = (message.subject.clone(), message.payload.clone());
        let sending = async {
            // What was published before comes before.
            self.connection.waiting().flushed().await;
            match headers {
                Some(headers) => {
                    library.client.publish_with_headers(subject, headers, payload).await
                }
                None => library.client.publish(subject, payload).await,
            }
        };
        match timeout(ANSWER, sending).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) if error.kind() == PublishErrorKind::MaxPayloadExceeded => {
                return Err(self.too_large(message));
            }
            Ok(Err(error)) => return Err(self.gone(&error.to_string())),
            Err(_) => return Err(BrokerError::TimedOut(ANSWER)),
        }
        let Some(on_its_way) = &mut on_its_way else { return Ok(()) };
        tokio::select! {
            biased;
            denied = on_its_way.denied() => Err(denied),
            lost = self.connection.lost_since(connection) => Err(lost),
            passed = self.passed() => on_its_way.heard(passed),
        }
    }

    /// Sends a message and waits for an answer; none where nobody listens.
    pub(in crate::broker) async fn ask(
        &self,
        message: &CoreMessage,
        patience: Duration,
    ) -> Result<Option<CoreMessage>, BrokerError> {
        let begun = Instant::now();
        self.connection.up(patience).await?;
        let headers = self.headers(message)?;
        let (subject, payload) = (message.subject.as_str().into(), message.payload.clone());
        let left = patience.saturating_sub(begun.elapsed());
        match self.answer(Asked { subject, headers, payload }, left).await {
            Ok(answer) => Ok(Some(answer.into())),
            Err(BrokerError::NoStream(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Listens to a subject. Once this returns, the server knows.
    pub(in crate::broker) async fn listen(
        &self,
        subject: &str,
        group: Option<&str>,
    ) -> Result<Listening, BrokerError> {
        let connection = self.connection.up(ANSWER).await?;
        let library = self.library.subscribe();
        let mut denials = self.connection.denials();
        let messages = self.subscribe(subject, group).await?;
        tokio::select! {
            biased;
            denied = denials.of_subscription(subject) => return Err(denied),
            lost = self.connection.lost_since(connection) => return Err(lost),
            passed = self.passed() => passed?,
        }
        Ok(Listening {
            broker: self.clone(),
            subject: subject.to_owned(),
            group: group.map(str::to_owned),
            messages,
            library,
            connection: self.connection.state(),
            denials,
            stopped: false,
        })
    }

    async fn subscribe(
        &self,
        subject: &str,
        group: Option<&str>,
    ) -> Result<Subscriber, BrokerError> {
        let (library, subject) = (self.library(), subject.to_owned());
        let subscribing = async {
            match group {
                Some(group) => library.client.queue_subscribe(subject, group.to_owned()).await,
                None => library.client.subscribe(subject).await,
            }
        };
        match timeout(ANSWER, subscribing).await {
            Ok(subscribed) => subscribed.map_err(|error| self.gone(&error.to_string())),
            Err(_) => Err(BrokerError::TimedOut(ANSWER)),
        }
    }

    /// Returns once the server has read all that was sent before, and its denials of it have had time to come in.
    async fn passed(&self) -> Result<(), BrokerError> {
        match self.ping().await {
            Err(error) if error.is_unreachable() || self.connection.is_closed() => Err(error),
            // No is an answer too.
            Ok(()) | Err(_) => {
                tokio::time::sleep(DENIALS).await;
                Ok(())
            }
        }
    }

    fn headers(&self, message: &CoreMessage) -> Result<Option<HeaderMap>, BrokerError> {
        let size = size::plain(&message.headers, &message.payload);
        if size > self.max_payload() {
            return Err(self.too_large(message));
        }
        let some = !message.headers.is_empty();
        some.then(|| to_header_map(&message.headers)).transpose()
    }

    fn too_large(&self, message: &CoreMessage) -> BrokerError {
        let size = size::plain(&message.headers, &message.payload);
        BrokerError::TooLarge { size, limit: self.max_payload() }
    }

    /// The library takes nothing any more.
    fn gone(&self, words: &str) -> BrokerError {
        match self.connection.is_closed() {
            true => BrokerError::Closed,
            false => BrokerError::Unavailable(words.to_owned()),
        }
    }
}

/// Somebody who listens.
#[derive(Debug)]
pub(crate) struct Listening {
    broker: JetStream,
    subject: String,
    group: Option<String>,
    messages: Subscriber,
    /// The library that the messages come from, and word of the one that takes its place.
    library: watch::Receiver<Arc<Library>>,
    connection: watch::Receiver<ConnectionState>,
    denials: Denials,
    stopped: bool,
}

impl Listening {
    pub(in crate::broker) async fn next(&mut self) -> Result<Option<CoreMessage>, BrokerError> {
        loop {
            let Self { subject, messages, connection, denials, .. } = self;
            tokio::select! {
                biased;
                message = messages.next() => match message {
                    Some(message) => return Ok(Some(message.into())),
                    None if self.stopped => return Ok(None),
                    None if self.listens_anew().await => {}
                    None => return Ok(None),
                },
                denied = denials.of_subscription(subject) => return Err(denied),
                () = closed(connection) => return Ok(None),
            }
        }
    }

    /// The library is dead: listens through the one that takes its place. False where the connection was closed instead.
    async fn listens_anew(&mut self) -> bool {
        loop {
            tokio::select! {
                () = closed(&mut self.connection) => return false,
                replaced = self.library.changed() => if replaced.is_err() { return false },
            }
            match self.broker.subscribe(&self.subject, self.group.as_deref()).await {
                Ok(messages) => {
                    self.messages = messages;
                    return true;
                }
                Err(BrokerError::Closed) => return false,
                // That one is dead too.
                Err(error) => tracing::debug!(subject = self.subject, %error, "not listening yet"),
            }
        }
    }

    pub(in crate::broker) async fn stop(&mut self) {
        self.stopped = true;
        // Where the library takes nothing any more, nothing comes from it either.
        let _ = timeout(ANSWER, self.messages.drain()).await;
    }
}

async fn closed(connection: &mut watch::Receiver<ConnectionState>) {
    let _ = connection.wait_for(|state| *state == ConnectionState::Closed).await;
}

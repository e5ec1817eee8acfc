//! Requests and their answers, over one inbox for all of them.
//!
//! The client library has the same, with a channel, a timer and an entry of a table for each.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_nats::{Client, HeaderMap, Message, StatusCode, Subject, Subscriber};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::waiting::{Ear, Silence, Token, Wait, Waiting};
use super::{JetStream, Library};
use crate::broker::{BrokerError, ConnectionState, Soon};

/// Where the answers come in that one client library hears; opened when the first is asked for, and anew if nobody reads it
/// any more.
#[derive(Debug, Default)]
pub(super) struct Inbox(RwLock<Option<Arc<Open>>>);

#[derive(Debug)]
struct Open {
    /// What the subjects of answers begin with.
    prefix: Box<str>,
    reader: AbortHandle,
}

impl Drop for Open {
    /// The subscription would keep the connection.
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Inbox {
    async fn open(&self, client: &Client, waiting: &Waiting) -> Result<Arc<Open>, BrokerError> {
        if let Some(open) = self.now() {
            return Ok(open);
        }
        // In a box, as it is done once. Two at once open one each, and the first is read as long as it has users.
        Box::pin(async {
            let prefix = format!("{}.", client.new_inbox());
            let answers = client.subscribe(format!("{prefix}*")).await;
            let answers = answers.map_err(|error| BrokerError::Unavailable(error.to_string()))?;
            let reading = waiting.spawn(read(prefix.len(), answers, waiting.clone()));
            let open = Arc::new(Open { prefix: prefix.into(), reader: reading });
            let mut own = self.0.write().unwrap_or_else(PoisonError::into_inner);
            match &*own {
                Some(other) if other.is_read() => Ok(Arc::clone(other)),
                _ => Ok(Arc::clone(own.insert(open))),
            }
        })
        .await
    }

    fn now(&self) -> Option<Arc<Open>> {
        let open = self.0.read().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().filter(|open| open.is_read()).map(Arc::clone)
    }
}

impl Open {
    fn is_read(&self) -> bool {
        !self.reader.is_finished()
    }
}

async fn read(prefix: usize, mut answers: Subscriber, waiting: Waiting) {
    while let Some(answer) = answers.next().await {
        if let Some(token) = answer.subject.get(prefix..).and_then(Token::parse) {
            waiting.answered(token, answer);
        }
    }
}

/// Something that is sent and answered.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) subject: Subject,
    pub(super) headers: Option<HeaderMap>,
    pub(super) payload: Bytes,
}

impl JetStream {
    /// Sends something, and waits for the message that answers it, never longer than `patience`. While disconnected, it
    /// waits for the next connection.
    pub(super) async fn answer(
        &self,
        asked: Asked,
        patience: Duration,
    ) -> Result<Message, BrokerError> {
        let (tell, answer) = oneshot::channel();
        let subject = asked.subject.clone();
        // Nobody may be waiting any more.
        let hear: Ear =
            Box::new(move |answer| drop(tell.send(answer.map_err(Silence::of_a_request))));
        let token = self.post(|| Ok(asked.clone()), None, patience, hear).await?;
        let mut waits = Waits { broker: self.clone(), token: Some(token), sent: true };
        let answer = answer.await.unwrap_or(Err(BrokerError::Closed));
        waits.token = None;
        heard(answer, &subject)
    }

    /// Sends something through this connection, or the one that stands or comes. The ear hears the answer. What is sent is asked for
    /// once more where it has to wait.
    ///
    /// # Errors
    /// It was not sent. Then the ear hears nothing.
    pub(super) fn post(
        &self,
        ask: impl Fn() -> Result<Asked, BrokerError>,
        connection: Option<ConnectionState>,
        patience: Duration,
        ear: Ear,
    ) -> Soon<Result<Token, BrokerError>> {
        self.begin(ask, connection, patience, ear).unwrap_or_else(|error| Soon::now(Err(error)))
    }

    fn begin(
        &self,
        ask: impl Fn() -> Result<Asked, BrokerError>,
        connection: Option<ConnectionState>,
        patience: Duration,
        ear: Ear,
    ) -> Result<Soon<Result<Token, BrokerError>>, BrokerError> {
        let asked = ask()?;
        let wait = Wait { subject: asked.subject.clone(), patience, connection, is_answered: true };
        let waiting = self.connection.waiting();
        let token = waiting.enter(wait, ear)?;
        let library = self.library();
        if let Some(open) = library.inbox.now() {
            // There is room, as a rule: nothing has to be kept, and no timer is needed.
            let reply = token.behind(&open.prefix).into();
            if let Some(sent) = asked.send(&library.client, reply).now_or_never() {
                return Ok(Soon::now(self.sent(token, sent)));
            }
        }
        // Whoever goes away before it is sent has sent nothing, and nothing is sent later. It goes into the future whole.
        let mut waits = Waits { broker: self.clone(), token: Some(token), sent: false };
        let asked = ask()?;
        Ok(Soon::later(async move {
            let sending = async {
                let Library { client, inbox } = &*library;
                let open = inbox.open(client, waits.broker.connection.waiting()).await?;
                asked.send(client, token.behind(&open.prefix).into()).await
            };
            let sent = tokio::time::timeout(patience, sending).await;
            waits.token = None;
            waits.broker.sent(token, sent.unwrap_or(Err(BrokerError::TimedOut(patience))))
        }))
    }

    /// What comes of having sent it, or not.
    fn sent(&self, token: Token, sent: Result<(), BrokerError>) -> Result<Token, BrokerError> {
        match sent {
            Ok(()) => Ok(token),
            // Where its wait has ended, the ear has been told.
            Err(_) if !self.connection.waiting().withdraw(token) => Ok(token),
            Err(_) if self.connection.is_closed() => Err(BrokerError::Closed),
            Err(error) => Err(error),
        }
    }
}

impl Asked {
    /// Hands it to the library. Nothing was sent as long as this does not return.
    async fn send(self, client: &Client, reply: Subject) -> Result<(), BrokerError> {
        let Self { subject, headers, payload } = self;
        let sent = match headers {
            Some(headers) => {
                client.publish_with_reply_and_headers(subject, reply, headers, payload).await
            }
            None => client.publish_with_reply(subject, reply, payload).await,
        };
        sent.map_err(|error| BrokerError::Unavailable(error.to_string()))
    }
}

/// An answer that says that nobody listens is none.
pub(super) fn heard(
    answer: Result<Message, BrokerError>,
    subject: &Subject,
) -> Result<Message, BrokerError> {
    match answer {
        Ok(message) if message.status == Some(StatusCode::NO_RESPONDERS) => {
            Err(BrokerError::NoStream(subject.to_string()))
        }
        answer => answer,
    }
}

/// Somebody who may go away before there is an answer.
struct Waits {
    broker: JetStream,
    token: Option<Token>,
    sent: bool,
}

impl Drop for Waits {
    fn drop(&mut self) {
        let waiting = self.broker.connection.waiting();
        match self.token {
            Some(token) if self.sent => waiting.give_up(token),
            Some(token) => _ = waiting.withdraw(token),
            None => {}
        }
    }
}

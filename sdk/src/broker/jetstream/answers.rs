//! Requests and their answers, over one inbox for all of them.
//!
//! The client library has the same, with a channel, a timer and an entry of a table for each.

use std::future::poll_fn;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::Poll;
use std::time::Duration;

use async_nats::{Client, HeaderMap, Message, StatusCode, Subject, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::waiting::{Ear, Silence, Token, Wait, Waiting};
use super::{JetStream, Library};
use crate::broker::{BrokerError, ConnectionState};

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
        let token = self.post(asked, None, patience, hear).await?;
        let mut waits =
            Waits { waiting: self.connection.waiting(), token: Some(token), sent: true };
        let answer = answer.await.unwrap_or(Err(BrokerError::Closed));
        waits.token = None;
        heard(answer, &subject)
    }

    /// Sends something through this connection, or the one that stands or comes. The ear hears the answer.
    ///
    /// # Errors
    /// It was not sent. Then the ear hears nothing.
    pub(super) async fn post(
        &self,
        asked: Asked,
        connection: Option<ConnectionState>,
        patience: Duration,
        ear: Ear,
    ) -> Result<Token, BrokerError> {
        let waiting = self.connection.waiting();
        let library = self.library();
        let Asked { subject, headers, payload } = asked;
        let wait = Wait { subject: subject.clone(), patience, connection, is_answered: true };
        let token = waiting.enter(wait, ear)?;
        // Whoever goes away before it is sent has sent nothing, and nothing is sent later.
        let mut waits = Waits { waiting, token: Some(token), sent: false };
        // In a box: it is the largest part of whatever publishes and settles, for the sake of a wait that hardly ever comes.
        let mut sending = Box::pin(async {
            let Library { client, inbox } = &*library;
            let reply = token.behind(&inbox.open(client, waiting).await?.prefix);
            let sent = match headers {
                Some(headers) => {
                    client.publish_with_reply_and_headers(subject, reply, headers, payload).await
                }
                None => client.publish_with_reply(subject, reply, payload).await,
            };
            sent.map_err(|error| BrokerError::Unavailable(error.to_string()))
        });
        // There is room, as a rule, and no timer needed.
        let at_once = poll_fn(|cx| Poll::Ready(sending.as_mut().poll(cx))).await;
        let sent = match at_once {
            Poll::Ready(sent) => Ok(sent),
            Poll::Pending => tokio::time::timeout(patience, sending).await,
        };
        let sent = sent.unwrap_or(Err(BrokerError::TimedOut(patience)));
        waits.token = None;
        match sent {
            Ok(()) => Ok(token),
            // Where its wait has ended, the ear has been told.
            Err(_) if !waiting.withdraw(token) => Ok(token),
            Err(_) if self.connection.is_closed() => Err(BrokerError::Closed),
            Err(error) => Err(error),
        }
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
struct Waits<'w> {
    waiting: &'w Waiting,
    token: Option<Token>,
    sent: bool,
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        match self.token {
            Some(token) if self.sent => self.waiting.give_up(token),
            Some(token) => _ = self.waiting.withdraw(token),
            None => {}
        }
    }
}

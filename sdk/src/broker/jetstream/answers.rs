//! Requests and their answers, over one inbox for all of them.
//!
//! The client library has the same, with a channel, a timer and an entry of a table for each.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_nats::message::OutboundMessage;
use async_nats::{Client, HeaderMap, Message, StatusCode, Subject, Subscriber};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::task::coop::unconstrained;

use super::waiting::{Answers, Ear, Seat, Silence, Token, Wait, Waiting};
use super::{JetStream, Library};
use crate::broker::{BrokerError, ConnectionState, Soon};

/// How many answers are looked up at once at most.
const CHUNK: usize = 64;

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
    let mut chunk = Answers::default();
    let hear = |answer: Message, chunk: &mut Answers| {
        if let Some(token) = answer.subject.get(prefix..).and_then(Token::parse) {
            chunk.push(token, answer);
        }
    };
    while let Some(first) = answers.next().await {
        hear(first, &mut chunk);
        while chunk.len() < CHUNK
            && let Some(Some(next)) = answers.next().now_or_never()
        {
            hear(next, &mut chunk);
        }
        waiting.answered(&mut chunk);
    }
}

/// Something that is sent and answered.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) subject: Subject,
    pub(super) headers: Option<HeaderMap>,
    pub(super) payload: Bytes,
}

/// How something is sent.
#[derive(Clone, Copy)]
pub(super) struct By {
    /// None for the connection that stands or comes.
    pub(super) connection: Option<ConnectionState>,
    /// How long its answer is waited for.
    pub(super) patience: Duration,
    /// Whether it may share the subject of its answer with others.
    pub(super) shares: bool,
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
        let hear = move |answer: Result<_, Silence>| {
            drop(tell.send(answer.map_err(Silence::of_a_request)));
        };
        let by = By { connection: None, patience, shares: false };
        let seat = self.post(|| Ok(asked.clone()), by, Ear::First(Box::new(hear))).await?;
        let mut waits = Waits { broker: self.clone(), seat: Some(seat), sent: true };
        let answer = answer.await.unwrap_or(Err(BrokerError::Closed));
        waits.seat = None;
        heard(answer?, &subject)
    }

    /// Sends something. The ear hears the answer. What is sent is asked for once more where it has to wait.
    ///
    /// # Errors
    /// It was not sent. Then the ear hears nothing.
    pub(super) fn post(
        &self,
        ask: impl Fn() -> Result<Asked, BrokerError>,
        by: By,
        ear: Ear,
    ) -> Soon<Result<Seat, BrokerError>> {
        self.begin(ask, by, ear).unwrap_or_else(|error| Soon::now(Err(error)))
    }

    fn begin(
        &self,
        ask: impl Fn() -> Result<Asked, BrokerError>,
        by: By,
        ear: Ear,
    ) -> Result<Soon<Result<Seat, BrokerError>>, BrokerError> {
        let By { connection, patience, shares } = by;
        let (asked, waiting) = (ask()?, self.connection.waiting());
        let subject = asked.subject.clone();
        let wait = Wait { subject, patience, connection, is_answered: true, shares };
        let library = self.library();
        let seat = if shares {
            let (seat, sent) = waiting.send(wait, ear, asked.into())?;
            if sent {
                return Ok(Soon::now(Ok(seat)));
            }
            // Others are sent before it now. Where its wait has ended, the ear has been told.
            let Some(apart) = waiting.move_apart(seat) else { return Ok(Soon::now(Ok(seat))) };
            apart
        } else {
            let seat = waiting.enter(wait, ear)?;
            if waiting.flush()
                && let Some(open) = library.inbox.now()
            {
                // There is room, as a rule, also where the task has used up its turn: nothing has to be kept, and no timer is
                // needed.
                let reply = seat.token.behind(&open.prefix).into();
                let sent = unconstrained(asked.send(&library.client, reply)).now_or_never();
                if let Some(sent) = sent {
                    return Ok(Soon::now(self.sent(seat, sent)));
                }
            }
            seat
        };
        // Whoever goes away before it is sent has sent nothing, and nothing is sent later. It goes into the future whole.
        let mut waits = Waits { broker: self.clone(), seat: Some(seat), sent: false };
        let asked = ask()?;
        Ok(Soon::later(async move {
            let sending = async {
                let (Library { client, inbox }, waiting) =
                    (&*library, waits.broker.connection.waiting());
                let open = inbox.open(client, waiting).await?;
                waiting.opened(client.clone(), &open.prefix, &open.reader);
                waiting.flushed().await;
                asked.send(client, seat.token.behind(&open.prefix).into()).await
            };
            let sent = tokio::time::timeout(patience, sending).await;
            waits.seat = None;
            waits.broker.sent(seat, sent.unwrap_or(Err(BrokerError::TimedOut(patience))))
        }))
    }

    /// What comes of having sent it, or not.
    fn sent(&self, seat: Seat, sent: Result<(), BrokerError>) -> Result<Seat, BrokerError> {
        match sent {
            Ok(()) => Ok(seat),
            // Where its wait has ended, the ear has been told.
            Err(_) if !self.connection.waiting().withdraw(seat) => Ok(seat),
            Err(_) if self.connection.is_closed() => Err(BrokerError::Closed),
            Err(error) => Err(error),
        }
    }
}

impl From<Asked> for OutboundMessage {
    fn from(Asked { subject, headers, payload }: Asked) -> Self {
        Self { subject, headers, payload, reply: None }
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
pub(super) fn heard(answer: Message, subject: &Subject) -> Result<Message, BrokerError> {
    match answer.status {
        Some(StatusCode::NO_RESPONDERS) => Err(BrokerError::NoStream(subject.to_string())),
        _ => Ok(answer),
    }
}

/// Somebody who may go away before there is an answer.
struct Waits {
    broker: JetStream,
    seat: Option<Seat>,
    sent: bool,
}

impl Drop for Waits {
    fn drop(&mut self) {
        let waiting = self.broker.connection.waiting();
        match self.seat {
            Some(seat) if self.sent => waiting.give_up(seat),
            Some(seat) => _ = waiting.withdraw(seat),
            None => {}
        }
    }
}

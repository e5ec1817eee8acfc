//! A load by the server's own protocol, fast ingest (2.14): what a message is stands in the subject for its answers, and the
//! server says now and then how far it has come. A message that it misses ends the load, so what is stored of it has no gaps.
//!
//! A load belongs to one connection. Behind the next one nobody knows what was lost in between.

mod answer;
mod course;
mod pulse;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::header::NATS_EXPECTED_STREAM;
use async_nats::{HeaderMap, Subject, Subscriber};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::{Instant, timeout};

use self::answer::{Answer, UNKNOWN};
use self::course::Course;
use self::pulse::Pulse;
use super::connection::Denials;
use super::{ANSWER, JetStream, Library, to_header_map};
use crate::broker::ingest::Progress;
use crate::broker::{BrokerError, ConnectionState, Outgoing};

/// After how many messages the server is asked to say how far it has come; it knows best, and says what it does instead.
const EVERY: u64 = 1000;
/// After how many messages it is looked whether the server has said anything.
const LOOK: u64 = 64;
/// How long a server may answer and come no further.
const STALLED: Duration = Duration::from_secs(30);
/// How long a denial may take to be told of: the client library has a task of its own for that.
const DENIALS: Duration = Duration::from_millis(100);

/// What a message of a load is.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Start = 0,
    Append = 1,
    /// Stores nothing, and ends the load.
    End = 3,
    /// Stores nothing, and asks how far the server has come.
    Ping = 4,
}

/// The subjects on which answers come.
#[derive(Clone, Debug)]
struct Replies(Arc<str>);

impl Replies {
    fn of(&self, message: u64, operation: Operation) -> String {
        format!("{}.{EVERY}.fail.{message}.{}.$FI", self.0, operation as u8)
    }
}

/// A load under way.
#[derive(Debug)]
pub(crate) struct Ingest {
    broker: JetStream,
    library: Arc<Library>,
    connection: ConnectionState,
    denials: Denials,
    answers: Subscriber,
    /// What the answers are listened to by.
    listens: String,
    replies: Replies,
    /// Of the first message: what is said goes there, where it was let through.
    stream: &'static str,
    subject: Subject,
    /// Of the messages without an answer yet.
    on_their_way: VecDeque<Subject>,
    sent: Arc<AtomicU64>,
    course: Course,
    /// When it was last heard to come further, or began to be waited for.
    moved: Instant,
    pulse: Option<Pulse>,
    /// Nothing more is sent, and nothing is waited for.
    over: bool,
}

impl Ingest {
    /// Begins a load. Nothing is sent.
    pub(in crate::broker) async fn begin(broker: &JetStream) -> Result<Self, BrokerError> {
        let connection = broker.connection.up(ANSWER).await?;
        broker.requires_2_14("load events in bulk")?;
        // What was published before comes before.
        let flushed = timeout(ANSWER, broker.connection.waiting().flushed());
        flushed.await.map_err(|_| BrokerError::TimedOut(ANSWER))?;
        let (library, denials) = (broker.library(), broker.connection.denials());
        let inbox = library.client.new_inbox();
        let listens = format!("{inbox}.>");
        let answers = match timeout(ANSWER, library.client.subscribe(listens.clone())).await {
            Ok(answers) => answers.map_err(|error| BrokerError::Unavailable(error.to_string()))?,
            Err(_) => return Err(BrokerError::TimedOut(ANSWER)),
        };
        Ok(Self {
            broker: broker.clone(),
            library,
            connection,
            denials,
            answers,
            listens,
            replies: Replies(inbox.into()),
            stream: "",
            subject: Subject::from_static(""),
            on_their_way: VecDeque::new(),
            sent: Arc::default(),
            course: Course::new(),
            moved: Instant::now(),
            pulse: None,
            over: false,
        })
    }

    pub(in crate::broker) fn progress(&self) -> Progress {
        self.course.progress
    }

    pub(in crate::broker) async fn put(&mut self, message: &Outgoing) -> Result<(), BrokerError> {
        if self.sent() == 0 {
            return Box::pin(self.open(message)).await;
        }
        if self.broker.connection.now() != self.connection {
            return Err(self.ended(self.lost()));
        }
        if self.sent().is_multiple_of(LOOK) {
            while let Some(answer) = self.answers.next().now_or_never() {
                self.take(answer).await?;
            }
        }
        if self.is_full() {
            Box::pin(self.make_room()).await?;
        }
        let headers = match message.headers.is_empty() {
            true => None,
            false => match to_header_map(&message.headers) {
                Ok(headers) => Some(headers),
                Err(error) => return Err(Box::pin(self.settled(error)).await),
            },
        };
        self.send(message, headers, Operation::Append).await
    }

    /// Returns once all that was sent is stored.
    pub(in crate::broker) async fn finish(&mut self) -> Result<u64, BrokerError> {
        // The answers to signs of life would hide that there is none to the end.
        self.pulse = None;
        self.say(self.sent() + 1, Operation::End).await?;
        self.moved = Instant::now();
        let (last, cause) = loop {
            let heard = self.hear(Some(Operation::End)).await;
            match self.noted(heard) {
                Ok(None) if self.moved.elapsed() > STALLED => {
                    break self.settle(BrokerError::TimedOut(STALLED)).await;
                }
                Ok(None) => {}
                Ok(Some(last)) => break (Some(last), self.ended(gap())),
                Err(error) => break self.settle(error).await,
            }
        };
        match last {
            Some(last) if self.progress().stored == self.sent() => Ok(last),
            _ => Err(cause),
        }
    }

    /// Sends the first message, and waits until the stream has said that it takes loads.
    async fn open(&mut self, message: &Outgoing) -> Result<(), BrokerError> {
        (self.stream, self.subject) = (message.stream, message.subject.as_str().into());
        let headers = to_header_map(&message.headers);
        let mut headers = headers.map_err(|error| self.ended(error))?;
        // All others are of the stream that knows the load.
        headers.insert(NATS_EXPECTED_STREAM, message.stream);
        self.send(message, Some(headers), Operation::Start).await?;
        let opened = self.hear(None).await;
        match self.noted(opened) {
            Ok(None) => {}
            Ok(Some(_)) => {
                let cause =
                    "its server does not know what a bulk load is, and stored an event".to_owned();
                return Err(self.ended(BrokerError::Unavailable(cause)));
            }
            Err(error @ BrokerError::Unavailable(_)) if self.progress().possible == 0 => {
                self.ended(error);
                // As a publish is told.
                return Err(BrokerError::NoStream(message.subject.to_string()));
            }
            Err(error) => {
                if matches!(&error, BrokerError::Denied(words) if !words.contains("for Subscription"))
                {
                    self.course.is_not_stored(1);
                }
                return Err(self.ended(error));
            }
        }
        let (library, replies) = (Arc::clone(&self.library), self.replies.clone());
        let (subject, sent) = (self.subject.clone(), Arc::clone(&self.sent));
        self.pulse = Some(Pulse::begin(&self.broker, library, replies, subject, sent));
        Ok(())
    }

    async fn send(
        &mut self,
        message: &Outgoing,
        headers: Option<HeaderMap>,
        operation: Operation,
    ) -> Result<(), BrokerError> {
        let (subject, next) = (Subject::from(message.subject.as_str()), self.sent() + 1);
        let reply = self.replies.of(next, operation);
        let (client, payload) = (&self.library.client, message.payload.clone());
        let (to, waiting) = (
            subject.clone(),
            timeout(ANSWER, async {
                match headers {
                    Some(headers) => {
                        client
                            .publish_with_reply_and_headers(subject, reply, headers, payload)
                            .await
                    }
                    None => client.publish_with_reply(subject, reply, payload).await,
                }
            }),
        );
        match waiting.await {
            Ok(Ok(())) => {
                self.on_their_way.push_back(to);
                self.course.progress.possible = next;
                self.sent.store(next, Ordering::Release);
                Ok(())
            }
            Ok(Err(error)) => Err(self.ended(BrokerError::Unavailable(error.to_string()))),
            Err(_) => Err(self.ended(BrokerError::TimedOut(ANSWER))),
        }
    }

    /// Says something that is not stored.
    async fn say(&mut self, message: u64, operation: Operation) -> Result<(), BrokerError> {
        if self.broker.connection.now() != self.connection {
            return Err(self.ended(self.lost()));
        }
        let (subject, reply) = (self.subject.clone(), self.replies.of(message, operation));
        let said = self.library.client.publish_with_reply(subject, reply, Bytes::new());
        match timeout(ANSWER, said).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.ended(BrokerError::Unavailable(error.to_string()))),
            Err(_) => Err(self.ended(BrokerError::TimedOut(ANSWER))),
        }
    }

    fn is_full(&self) -> bool {
        self.sent() - self.progress().stored >= self.course.room
    }

    /// Waits until the server has come far enough.
    async fn make_room(&mut self) -> Result<(), BrokerError> {
        self.moved = Instant::now();
        while self.is_full() {
            let heard = self.hear(Some(Operation::Ping)).await;
            self.took(heard).await?;
            if self.moved.elapsed() > STALLED {
                return Err(self.settled(BrokerError::TimedOut(STALLED)).await);
            }
        }
        Ok(())
    }

    /// Takes note of what has come.
    async fn take(&mut self, answer: Option<async_nats::Message>) -> Result<(), BrokerError> {
        let heard = match answer {
            Some(answer) => match Answer::read(&answer, self.stream) {
                Some(answer) => Ok(answer),
                None => return Ok(()),
            },
            None => Err(self.lost()),
        };
        self.took(heard).await
    }

    async fn took(&mut self, heard: Result<Answer, BrokerError>) -> Result<(), BrokerError> {
        match self.noted(heard) {
            Ok(None) => Ok(()),
            // It was not asked to.
            Ok(Some(_)) => Err(self.ended(gap())),
            Err(error) => Err(Box::pin(self.settled(error)).await),
        }
    }

    /// What the server says next. Where it is silent for too long, it is asked once more.
    async fn hear(&mut self, again: Option<Operation>) -> Result<Answer, BrokerError> {
        let mut again = again;
        loop {
            let Self {
                answers, denials, on_their_way, listens, broker, connection, stream, ..
            } = self;
            let mut subjects: Vec<&str> = on_their_way.iter().map(Subject::as_str).collect();
            subjects.push(listens);
            let heard = async {
                loop {
                    let answer = answers.next().await?;
                    if let Some(answer) = Answer::read(&answer, stream) {
                        return Some(answer);
                    }
                }
            };
            tokio::select! {
                biased;
                heard = heard => return heard.ok_or_else(|| self.lost()),
                denied = denials.of(&subjects) => return Err(denied),
                lost = broker.connection.lost_since(*connection) => return Err(lost),
                () = tokio::time::sleep(ANSWER) => {}
            }
            match again.take() {
                Some(Operation::Ping) => self.say(self.sent(), Operation::Ping).await?,
                Some(operation) => self.say(self.sent() + 1, operation).await?,
                None => return Err(BrokerError::TimedOut(ANSWER)),
            }
        }
    }

    /// Takes note of what was heard, and gives the last place where it is the end of the load.
    fn noted(&mut self, heard: Result<Answer, BrokerError>) -> Result<Option<u64>, BrokerError> {
        let before = self.progress().stored;
        let noted = self.course.note(heard?, self.sent());
        let more = usize::try_from(self.progress().stored - before).unwrap_or(usize::MAX);
        if more > 0 {
            self.on_their_way.drain(..more.min(self.on_their_way.len()));
            self.moved = Instant::now();
        }
        noted
    }

    /// The load cannot go on. Finds out how far the server has come, where it can be asked.
    async fn settled(&mut self, cause: BrokerError) -> BrokerError {
        self.settle(cause).await.1
    }

    /// Tells the last place as well, where the server has ended the load.
    async fn settle(&mut self, cause: BrokerError) -> (Option<u64>, BrokerError) {
        let is_gone = match &cause {
            error if is_unknown(error) => true,
            error => error.is_unreachable() && self.connection != self.broker.connection.now(),
        };
        let is_known = self.progress().stored == self.sent();
        let cause = match cause {
            BrokerError::Unavailable(words) => {
                self.denied().await.unwrap_or(BrokerError::Unavailable(words))
            }
            cause => cause,
        };
        let mut last = None;
        if !self.over && !is_gone && !is_known {
            last = timeout(ANSWER, self.bring_to_an_end()).await.ok().flatten();
        }
        (last, self.ended(cause))
    }

    /// The server ends it where a message was missing, or else here, and says how many are stored.
    async fn bring_to_an_end(&mut self) -> Option<u64> {
        self.say(self.sent() + 1, Operation::End).await.ok()?;
        loop {
            // Denials are known by now.
            let answer = tokio::select! {
                answer = self.answers.next() => Answer::read(&answer?, self.stream),
                _ = self.broker.connection.lost_since(self.connection) => return None,
            };
            let Some(answer) = answer else { continue };
            let is_refused = match &answer {
                Answer::Refused { message, error } => *message > self.sent() || is_unknown(error),
                Answer::Over { .. } | Answer::Nobody => true,
                _ => false,
            };
            match self.noted(Ok(answer)) {
                Ok(Some(last)) => return Some(last),
                _ if is_refused => return None,
                _ => {}
            }
        }
    }

    /// The denial of a message on its way, where one comes in soon: it explains why the server misses it.
    async fn denied(&mut self) -> Option<BrokerError> {
        let subjects: Vec<&str> = self.on_their_way.iter().map(Subject::as_str).collect();
        timeout(DENIALS, self.denials.of(&subjects)).await.ok()
    }

    fn ended(&mut self, cause: BrokerError) -> BrokerError {
        self.over = true;
        self.pulse = None;
        cause
    }

    fn lost(&self) -> BrokerError {
        match self.broker.connection.is_closed() {
            true => BrokerError::Closed,
            false => BrokerError::Unavailable("the connection was lost".into()),
        }
    }

    fn sent(&self) -> u64 {
        // Nobody else writes it.
        self.sent.load(Ordering::Relaxed)
    }
}

impl Drop for Ingest {
    /// A server shares what it can take among its loads, and would count this one for ten more seconds.
    fn drop(&mut self) {
        if self.over || self.sent() == 0 {
            return;
        }
        let (library, subject) = (Arc::clone(&self.library), self.subject.clone());
        let reply = self.replies.of(self.sent() + 1, Operation::End);
        self.broker.connection.waiting().spawn(async move {
            let _ = library.client.publish_with_reply(subject, reply, Bytes::new()).await;
        });
    }
}

/// Whether the server does not know the load, or not any more.
fn is_unknown(error: &BrokerError) -> bool {
    matches!(error, BrokerError::Refused { code: UNKNOWN, .. })
}

fn gap() -> BrokerError {
    BrokerError::Unavailable("a message was lost on its way".into())
}

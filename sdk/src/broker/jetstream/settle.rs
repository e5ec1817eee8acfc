use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::{Message, Subject};
use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::task::coop::{consume_budget, unconstrained};

use super::answers::{Asked, By, heard};
use super::waiting::{Answer, Ear, Silence, Whose};
use super::{JetStream, Library, api};
use crate::broker::{BrokerError, ConnectionState, Soon};

/// Settles a delivery through its reply subject.
///
/// Always by request: a plain publish, and the library's own double acknowledgement, report success when the consumer
/// is gone.
#[derive(Clone, Debug)]
pub(crate) struct Settle {
    broker: JetStream,
    reply: Subject,
    /// The connection that brought the delivery.
    connection: ConnectionState,
    /// Whether the server has confirmed that it is done with, where somebody wants to know.
    done: Option<Arc<AtomicBool>>,
}

/// What the server's 64 bits of nanoseconds can hold, and more than anybody means.
const LONGEST_DELAY: Duration = Duration::from_secs(365 * 24 * 3600);

/// A server that was restarted may have forgotten the delivery, and then gives no answer to what settles it: no use in
/// waiting long.
const AFTER_RECONNECT: Duration = Duration::from_millis(500);

impl Settle {
    pub(super) fn new(broker: JetStream, reply: Subject) -> Self {
        let connection = broker.connection().now();
        Self { broker, reply, connection, done: None }
    }

    /// The same, where it can be asked [whether it is done with](Self::is_done).
    pub(super) fn watched(broker: JetStream, reply: Subject) -> Self {
        Self { done: Some(Arc::default()), ..Self::new(broker, reply) }
    }

    /// Whether the server has confirmed that the delivery is done with.
    pub(super) fn is_done(&self) -> bool {
        self.done.as_ref().is_some_and(|done| done.load(Ordering::Relaxed))
    }

    /// Whether somebody else holds the delivery, and so will settle it.
    pub(super) fn is_shared(&self) -> bool {
        self.done.as_ref().is_some_and(|done| Arc::strong_count(done) > 1)
    }

    /// Returns when it is on its way. An error says that it is not, and nothing is told.
    pub(in crate::broker) fn acknowledge(
        &self,
        tell: impl FnOnce(Result<(), BrokerError>) + Send + 'static,
    ) -> Soon<Result<(), BrokerError>> {
        let asked = || {
            let (subject, payload) = (self.reply.clone(), Bytes::from_static(b"+ACK"));
            Ok(Asked { subject, headers: None, payload })
        };
        let (done, subject) = (self.done.clone(), self.reply.clone());
        let hear = move |answer: Result<Answer, Silence>| {
            let word = match answer.map_err(Silence::of_a_request) {
                Ok(Answer::Word(_)) => Ok(()),
                Ok(Answer::Other(message)) => Err(unsettled(message, &subject)),
                Err(error) => Err(error),
            };
            let word = word.map_err(api::unanswered);
            if let (Ok(()), Some(done)) = (&word, done) {
                done.store(true, Ordering::Relaxed);
            }
            tell(word);
        };
        // Where a delivery is forgotten, no answer comes.
        let by = By { connection: None, patience: self.patience(), shares: self.is_fresh() };
        let ear = Ear::Word(Whose::Consumer, Box::new(hear));
        self.broker.post(asked, by, ear).map(|sent| sent.map(drop))
    }

    pub(in crate::broker) async fn ack(&self) -> Result<(), BrokerError> {
        self.confirmed(Bytes::from_static(b"+ACK")).await?;
        self.set_done();
        Ok(())
    }

    pub(in crate::broker) async fn retry(&self, delay: Duration) -> Result<(), BrokerError> {
        let delay = delay.min(LONGEST_DELAY).as_nanos();
        self.confirmed(format!("-NAK {{\"delay\":{delay}}}").into()).await
    }

    pub(in crate::broker) async fn terminate(&self, reason: &str) -> Result<(), BrokerError> {
        let words: String = reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.confirmed(format!("+TERM {words}").into()).await?;
        self.set_done();
        Ok(())
    }

    /// Unconfirmed: the next one follows soon.
    pub(in crate::broker) fn progress(&self) -> Soon<Result<(), BrokerError>> {
        self.unconfirmed(b"+WPI")
    }

    /// Unconfirmed: if this is lost, the message comes again.
    pub(in crate::broker) fn let_go(&self) -> Soon<Result<(), BrokerError>> {
        self.unconfirmed(b"+ACK")
    }

    fn unconfirmed(&self, body: &'static [u8]) -> Soon<Result<(), BrokerError>> {
        let library = self.broker.library();
        // Others are to run now and then; but there is room, as a rule, also where the task has used up its turn.
        let _ = consume_budget().now_or_never();
        let sent = unconstrained(send(&library, self.reply.clone(), body)).now_or_never();
        if let Some(sent) = sent {
            return Soon::now(sent);
        }
        let reply = self.reply.clone();
        Soon::later(async move {
            let sent = tokio::time::timeout(super::ANSWER, send(&library, reply, body)).await;
            sent.unwrap_or(Err(BrokerError::TimedOut(super::ANSWER)))
        })
    }

    async fn confirmed(&self, body: Bytes) -> Result<(), BrokerError> {
        api::request(&self.broker, self.reply.clone(), body, self.patience()).await.map(drop)
    }

    fn set_done(&self) {
        if let Some(done) = &self.done {
            done.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the connection still stands that brought the delivery.
    fn is_fresh(&self) -> bool {
        self.broker.connection().now() == self.connection
    }

    fn patience(&self) -> Duration {
        if self.is_fresh() { super::ANSWER } else { AFTER_RECONNECT }
    }
}

/// What an answer means that is no consumer's word.
fn unsettled(answer: Message, subject: &Subject) -> BrokerError {
    let foreign = || BrokerError::Unavailable("the answer is not the word of a consumer".into());
    heard(answer, subject).map_or_else(|error| error, |_| foreign())
}

/// Hands it to the library, for no answer. Nothing was sent as long as this does not return.
async fn send(library: &Library, reply: Subject, body: &'static [u8]) -> Result<(), BrokerError> {
    let sent = library.client.publish(reply, Bytes::from_static(body)).await;
    sent.map_err(|error| BrokerError::Unavailable(error.to_string()))
}

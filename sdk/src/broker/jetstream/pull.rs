//! The runtime's own pull loop: raw requests on `$JS.API.CONSUMER.MSG.NEXT`, answers on a private inbox.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use async_nats::{Message, Subscriber};
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Instant;

use super::connection::Denials;
use super::place::Place;
use super::quarantine::Quarantine;
use super::{JetStream, Settle, topology};
use crate::broker::pattern::Pattern;
use crate::broker::{self, BrokerError, ConnectionState, ConsumerSpec, Delivery, StoredMessage};
use crate::message::headers::Headers;
use crate::message::text::Text;

/// How long the server keeps one request open.
const EXPIRES: Duration = Duration::from_secs(30);
/// And one for more than a subscription handles at once, which it may not want for long.
const BRIEFLY: Duration = Duration::from_secs(3);
/// How often the server says that a request is still open.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// Silence after which a request is taken for lost.
const SILENCE: Duration = Duration::from_millis(2500);
/// Pause after a refusal that may pass, and how many in a row make it final.
const PAUSE: Duration = Duration::from_millis(250);
const FINAL_AFTER: u32 = 8;
/// How long an inbox may take to run dry.
const CLOSING: Duration = Duration::from_secs(1);

/// A durable consumer's deliveries.
#[derive(Debug)]
pub(crate) struct Pull {
    broker: JetStream,
    consumer: ConsumerSpec,
    /// Where to ask for messages.
    subject: String,
    inbox: Inbox,
    connection: watch::Receiver<ConnectionState>,
    denials: Denials,
    /// What arrived on an inbox that was given up since.
    arrived: VecDeque<Box<Delivery>>,
    /// A message that was taken from the inbox, and is no delivery.
    unread: Option<Message>,
    /// The subject of the last delivery, which the next one often has too.
    lately: Text,
    /// Where the consumer delivers more than is meant: what is.
    meant: Option<Vec<Pattern>>,
    /// Requests of this inbox may have been lost.
    stale: bool,
    /// When to look for malformed headers: the connection was lost since messages were asked for, by one of them for all
    /// that is known. It stays until somebody has looked.
    inspect_at: Option<Instant>,
    quarantine: Quarantine,
    /// No new request before this.
    not_before: Instant,
    /// Answers in a row that said the consumer does not exist.
    missing: u32,
    /// The server refuses requests for more.
    largest: usize,
}

/// Where the answers of the open requests come in. A new one is made whenever requests may have been lost, so that an
/// answer is never counted against the wrong request.
#[derive(Debug)]
struct Inbox {
    name: String,
    messages: Subscriber,
    /// The connection through which it was opened. The next one has other servers, which know of no request of it.
    connection: ConnectionState,
    /// Messages that were asked for and have not come.
    asked: usize,
    /// The client library has closed it.
    ended: bool,
    /// When the silence counts as lost requests.
    silent_at: Instant,
}

/// What an answer means for the loop.
enum Answer {
    Delivery(Box<Delivery>),
    /// So many of the asked-for messages will not come, where it says how many.
    Returned(Option<usize>),
    /// Nothing to do.
    Sign,
    /// Ask again later, and see whether the consumer still exists.
    Refused(String),
}

impl Pull {
    pub(super) async fn open(
        broker: JetStream,
        mut consumer: ConsumerSpec,
    ) -> Result<Self, BrokerError> {
        let (stream, durable) = (consumer.stream, consumer.durable);
        let denials = broker.connection().denials();
        let info = topology::info(&broker, stream, durable).await?;
        consumer.max_ack_pending = topology::max_ack_pending(&info);
        Ok(Self {
            subject: format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"),
            inbox: Inbox::open(&broker).await?,
            connection: broker.connection().state(),
            denials,
            arrived: VecDeque::new(),
            unread: None,
            lately: Text::default(),
            meant: topology::meant(&info, &consumer),
            stale: false,
            inspect_at: None,
            quarantine: Quarantine::default(),
            not_before: Instant::now(),
            missing: 0,
            largest: usize::MAX,
            consumer,
            broker,
        })
    }

    pub(in crate::broker) fn consumer(&self) -> &ConsumerSpec {
        &self.consumer
    }

    pub(in crate::broker) async fn next(
        &mut self,
        wanted: usize,
    ) -> Result<Box<Delivery>, BrokerError> {
        loop {
            if let Some(delivery) = self.arrived.pop_front() {
                if self.is_meant(&delivery).await {
                    return Ok(delivery);
                }
                continue;
            }
            if let Some(message) = self.unread.take() {
                self.take(message).await?;
                continue;
            }
            // While disconnected there is nobody to ask: what would be queued until then would be answered too late.
            let state = *self.connection.borrow_and_update();
            let connected = match state {
                ConnectionState::Closed => return Err(BrokerError::Closed),
                ConnectionState::Connected(_) => true,
                ConnectionState::Disconnected => false,
            };
            if connected {
                if self.stale || self.inbox.connection != state {
                    self.renew().await?;
                }
                if self.inspect_at.is_some_and(|at| at <= Instant::now()) {
                    self.inspect().await;
                }
                if !self.arrived.is_empty() || *self.connection.borrow() != state {
                    continue;
                }
                self.ask(wanted).await;
            }
            let wake_at = self.wake_at(connected, wanted);
            let asked = [self.subject.as_str(), self.inbox.name.as_str()];
            tokio::select! {
                biased;
                denied = self.denials.of(&asked) => return Err(denied),
                message = self.inbox.messages.next(), if !self.inbox.ended => match message {
                    Some(message) => self.take(message).await?,
                    None => {
                        self.inbox.ended = true;
                        self.stale = true;
                    }
                },
                changed = self.connection.changed() => {
                    if changed.is_err() {
                        return Err(BrokerError::Closed);
                    }
                }
                () = tokio::time::sleep_until(wake_at) => {
                    if connected && self.inbox.is_silent() {
                        self.stale = true;
                        self.verify().await?;
                    }
                }
            }
        }
    }

    /// The next delivery, if it has arrived already, right after another; it may be left to [`next`](Self::next).
    pub(in crate::broker) fn arrived(&mut self) -> Option<Box<Delivery>> {
        let as_usual = self.arrived.is_empty() && self.unread.is_none() && self.meant.is_none();
        if !as_usual || self.stale || self.inbox.ended {
            return None;
        }
        let mut message = self.inbox.messages.next().now_or_never()??;
        let delivery = delivery(&self.broker, &mut self.lately, &mut message);
        match delivery {
            Some(_) => self.counted(),
            None => self.unread = Some(message),
        }
        delivery
    }

    async fn take(&mut self, message: Message) -> Result<(), BrokerError> {
        match self.read(message) {
            Answer::Delivery(delivery) => self.arrived.push_back(delivery),
            Answer::Returned(Some(count)) => self.inbox.returned(count),
            // Which request it was cannot be told.
            Answer::Returned(None) => self.stale = true,
            Answer::Sign => {}
            Answer::Refused(reason) => self.refused(&reason).await?,
        }
        Ok(())
    }

    /// One that was asked for has come.
    fn counted(&mut self) {
        self.inbox.asked = self.inbox.asked.saturating_sub(1);
        self.missing = 0;
    }

    pub(in crate::broker) async fn stop(mut self) -> VecDeque<Box<Delivery>> {
        // The round trip makes sure that what the open requests have brought about is here. Without interest in its
        // inbox a request is void then; what slips in between is delivered again after ack wait.
        let _ = topology::info(&self.broker, self.consumer.stream, self.consumer.durable).await;
        let _ = self.inbox.messages.drain().await;
        while let Ok(Some(message)) =
            tokio::time::timeout(CLOSING, self.inbox.messages.next()).await
        {
            self.keep(message);
        }
        self.arrived
    }

    /// Lets go of what the consumer delivers and the subscription does not mean. Unconfirmed: if it comes again, it is
    /// let go again.
    async fn is_meant(&self, delivery: &Delivery) -> bool {
        let subject = &delivery.message.subject;
        let all = self.meant.as_ref();
        let meant = all.is_none_or(|all| all.iter().any(|pattern| pattern.matches(subject)));
        if !meant && let broker::Settle::JetStream(settle) = &delivery.settle {
            let _ = settle.let_go().await;
        }
        meant
    }

    /// When the loop has to look again although nothing happened.
    fn wake_at(&self, connected: bool, wanted: usize) -> Instant {
        let look_at = match (connected, self.inbox.asked, wanted) {
            (false, ..) | (true, 0, 0) => Instant::now() + EXPIRES,
            (true, 0, _) => self.not_before.max(Instant::now() + Duration::from_millis(1)),
            (true, ..) => self.inbox.silent_at,
        };
        self.inspect_at.filter(|_| connected).map_or(look_at, |at| look_at.min(at))
    }

    /// Keeps as many messages asked for as are wanted, without a request for every single one.
    async fn ask(&mut self, wanted: usize) {
        let inbox = &mut self.inbox;
        let room = wanted.saturating_sub(inbox.asked).min(self.largest);
        let usual = self.consumer.concurrency.max(wanted).min(self.largest);
        let worthwhile = inbox.asked == 0 || room >= usual.div_ceil(4);
        if room == 0 || !worthwhile || Instant::now() < self.not_before {
            return;
        }
        let expires = if room > self.consumer.concurrency { BRIEFLY } else { EXPIRES };
        let request = json!({
            "batch": room,
            "expires": u64::try_from(expires.as_nanos()).unwrap_or(u64::MAX),
            "idle_heartbeat": u64::try_from(HEARTBEAT.as_nanos()).unwrap_or(u64::MAX),
        });
        let library = self.broker.library();
        let sent = library.client.publish_with_reply(
            self.subject.clone(),
            inbox.name.clone(),
            request.to_string().into(),
        );
        match tokio::time::timeout(PAUSE, sent).await {
            Ok(Ok(())) => {
                if inbox.asked == 0 {
                    inbox.silent_at = Instant::now() + SILENCE;
                }
                inbox.asked += room;
            }
            // The connection is gone or choked: its return is what to wait for.
            Ok(Err(_)) | Err(_) => self.not_before = Instant::now() + PAUSE,
        }
    }

    fn read(&mut self, mut message: Message) -> Answer {
        self.inbox.silent_at = Instant::now() + SILENCE;
        if let Some(delivery) = delivery(&self.broker, &mut self.lately, &mut message) {
            self.counted();
            return Answer::Delivery(delivery);
        }
        let Some(status) = message.status else { return Answer::Sign };
        let pending = message
            .headers
            .as_ref()
            .and_then(|headers| headers.get("Nats-Pending-Messages"))
            .and_then(|value| value.as_str().parse().ok());
        let words = message.description.unwrap_or_default();
        match status.as_u16() {
            100 => Answer::Sign,
            404 | 408 => Answer::Returned(pending),
            // Batch done, or the leader moved: what is left of the request is void, and the consumer is well.
            409 if pending.is_some() && !words.contains("Deleted") => Answer::Returned(pending),
            code => Answer::Refused(format!("{words} ({code})")),
        }
    }

    /// Gives up the inbox and whatever was asked through it, and keeps what has arrived there.
    async fn renew(&mut self) -> Result<(), BrokerError> {
        let fresh = loop {
            match Inbox::open(&self.broker).await {
                Ok(inbox) => break inbox,
                Err(BrokerError::Closed) => return Err(BrokerError::Closed),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        };
        self.collect();
        if self.inbox.ended || self.inbox.connection != fresh.connection {
            self.inspect_at = Some(Instant::now());
        }
        self.inbox = fresh;
        self.stale = false;
        Ok(())
    }

    /// Looks for what may have cost the connection. Where it is cancelled, or nobody answers, it is to be done again.
    async fn inspect(&mut self) {
        match self.quarantine.find(&self.broker, &self.consumer).await {
            Ok(malformed) => {
                self.inspect_at = None;
                self.arrived.extend(malformed.into_iter().map(Box::new));
            }
            // Whether the consumer is gone for good shows in what becomes of the next request.
            Err(error)
                if error.is_transient() || matches!(error, BrokerError::ConsumerMissing { .. }) =>
            {
                self.inspect_at = Some(Instant::now() + PAUSE);
            }
            Err(error) => {
                let durable = self.consumer.durable;
                tracing::warn!(durable, %error, "cannot look for malformed headers");
                self.inspect_at = None;
            }
        }
    }

    /// Takes what lies in the inbox already.
    fn collect(&mut self) {
        self.unread = None;
        while let Some(Some(message)) = self.inbox.messages.next().now_or_never() {
            self.keep(message);
        }
    }

    fn keep(&mut self, mut message: Message) {
        self.arrived.extend(delivery(&self.broker, &mut self.lately, &mut message));
    }

    async fn refused(&mut self, reason: &str) -> Result<(), BrokerError> {
        if let Some(largest) = largest_batch(reason) {
            self.largest = largest;
        }
        tracing::debug!(durable = self.consumer.durable, reason, "pull request refused");
        self.stale = true;
        self.not_before = Instant::now() + PAUSE;
        self.verify().await
    }

    /// Ends the loop when the consumer is gone for good. A server that is coming up, or electing a leader, says so of
    /// consumers that exist, so one answer is not enough.
    async fn verify(&mut self) -> Result<(), BrokerError> {
        let Err(error) =
            topology::info(&self.broker, self.consumer.stream, self.consumer.durable).await
        else {
            self.missing = 0;
            return Ok(());
        };
        match error {
            BrokerError::ConsumerMissing { .. } | BrokerError::StreamMissing(_) => {
                self.missing += 1;
                self.stale = true;
                self.not_before = Instant::now() + PAUSE;
                if self.missing >= FINAL_AFTER { Err(error) } else { Ok(()) }
            }
            BrokerError::Denied(_) | BrokerError::Closed => Err(error),
            // Not reachable right now: that passes.
            _ => Ok(()),
        }
    }
}

impl Inbox {
    async fn open(broker: &JetStream) -> Result<Self, BrokerError> {
        let connection = broker.connection().now();
        let library = broker.library();
        let name = library.client.new_inbox();
        let subscribed =
            tokio::time::timeout(super::ANSWER, library.client.subscribe(name.clone()));
        let messages = match subscribed.await {
            Ok(Ok(messages)) => messages,
            Ok(Err(_)) if broker.connection().is_closed() => return Err(BrokerError::Closed),
            Ok(Err(error)) => return Err(BrokerError::Unavailable(error.to_string())),
            Err(_) => return Err(BrokerError::TimedOut(super::ANSWER)),
        };
        let silent_at = Instant::now() + SILENCE;
        Ok(Self { name, messages, connection, asked: 0, ended: false, silent_at })
    }

    fn returned(&mut self, count: usize) {
        self.asked = self.asked.saturating_sub(count);
    }

    fn is_silent(&self) -> bool {
        self.asked > 0 && Instant::now() >= self.silent_at
    }
}

/// How many a request may ask for, where the server says that this one asked for more.
fn largest_batch(reason: &str) -> Option<usize> {
    let (_, number) = reason.split_once("MaxRequestBatch of ")?;
    let number = number.split(|character: char| !character.is_ascii_digit()).next()?;
    number.parse().ok().filter(|largest| *largest > 0)
}

/// Reads a delivery; its reply subject tells everything but the content, and tells it from the server's own messages.
fn delivery(server: &JetStream, lately: &mut Text, message: &mut Message) -> Option<Box<Delivery>> {
    let place = Place::parse(message.reply.as_deref()?)?;
    let reply = message.reply.take()?;
    if *lately != message.subject.as_str() {
        *lately = message.subject.as_str().into();
    }
    Some(Box::new(Delivery {
        attempt: place.delivered,
        malformed: None,
        settle: broker::Settle::JetStream(Settle::new(server.clone(), reply)),
        message: StoredMessage {
            subject: lately.clone(),
            headers: Headers::received(message.headers.take()),
            payload: mem::take(&mut message.payload),
            sequence: place.sequence,
            time: place.time,
        },
    }))
}

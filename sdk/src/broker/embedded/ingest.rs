//! A load, as a server takes one: what is stored of it has no gaps, and how far it has come is said now and then.

use tokio::task::coop::consume_budget;

use super::faults::Point;
use super::link::lost;
use super::{Embedded, Fault, STORE_FAILED, refused};
use crate::broker::ingest::Progress;
use crate::broker::{BrokerError, ConnectionState, Outgoing};

/// After how many messages it is said how far it has come, or that it has ended before.
const EVERY: u64 = 500;

/// A load under way.
#[derive(Debug)]
pub(crate) struct Ingest {
    broker: Embedded,
    connection: ConnectionState,
    sent: u64,
    /// Messages that are in the stream, and the place of the last.
    stored: u64,
    last: u64,
    progress: Progress,
    /// Why the stream takes nothing more of it; what is sent before that is heard goes nowhere.
    ended: Option<BrokerError>,
}

impl Ingest {
    /// Begins a load.
    pub(in crate::broker) fn begin(broker: &Embedded) -> Result<Self, BrokerError> {
        if broker.is_closed() {
            return Err(BrokerError::Closed);
        }
        let (connection, progress) = (broker.link.now(), Progress { stored: 0, possible: 0 });
        let broker = broker.clone();
        Ok(Self { broker, connection, sent: 0, stored: 0, last: 0, progress, ended: None })
    }

    pub(in crate::broker) fn progress(&self) -> Progress {
        self.progress
    }

    /// Sends the next message. That it is not stored is heard with a later one, unless it is the first.
    pub(in crate::broker) async fn put(&mut self, message: &Outgoing) -> Result<(), BrokerError> {
        // Nothing else here ever waits, and whoever loads in a loop would keep the consumers from running.
        consume_budget().await;
        self.still_connected()?;
        if self.sent.is_multiple_of(EVERY) {
            self.hear()?;
        }
        self.sent += 1;
        self.progress.possible = self.sent;
        match self.broker.faults.at(Point::Publish) {
            Some(Fault::PublishLost) => {
                self.ends(BrokerError::Unavailable("a message was lost on its way".into()));
            }
            Some(Fault::DiskFull) => {
                let full = "no space left on the device".to_owned();
                self.ends(refused(STORE_FAILED, full));
            }
            Some(Fault::PublishDelayed(delay)) => {
                tokio::time::sleep(delay).await;
                self.still_connected()?;
                self.store(message);
            }
            Some(Fault::Disconnect(time)) => {
                self.store(message);
                self.broker.faults.disconnect_for(time);
                return Err(lost());
            }
            // An answer that is lost is made up for by the next one; and nothing is in the way of what expects nothing.
            _ => self.store(message),
        }
        if self.sent == 1 { self.hear() } else { Ok(()) }
    }

    /// Tells the place of the last message.
    pub(in crate::broker) async fn finish(&mut self) -> Result<u64, BrokerError> {
        self.still_connected()?;
        self.hear()?;
        match self.broker.faults.at(Point::Publish) {
            Some(Fault::PublishLost | Fault::PublishAnswerLost) => {
                return Err(self.broker.link.unanswered().await);
            }
            Some(Fault::PublishDelayed(delay)) => {
                tokio::time::sleep(delay).await;
                self.still_connected()?;
            }
            Some(Fault::Disconnect(time)) => {
                self.broker.faults.disconnect_for(time);
                return Err(lost());
            }
            _ => {}
        }
        self.is_certain();
        Ok(self.last)
    }

    fn store(&mut self, message: &Outgoing) {
        if self.ended.is_some() {
            return;
        }
        let bare = Outgoing { message_id: String::new(), ..message.clone() };
        let stored = self.broker.with_state(|state, now| {
            let stream = state.holder(&bare, now)?;
            if !stream.takes_loads() {
                return Err(BrokerError::TakesNoLoads(bare.stream.to_owned()));
            }
            state.store(&bare, self.broker.clock, now)
        });
        match stored {
            Ok(stored) => {
                (self.stored, self.last) = (self.stored + 1, stored.sequence);
                self.progress.stored = self.stored - self.stored % EVERY;
            }
            Err(error) => self.ends(error),
        }
    }

    /// The stream takes nothing more.
    fn ends(&mut self, cause: BrokerError) {
        self.ended.get_or_insert(cause);
    }

    /// Whether the stream has ended the load. Then it has said how many are stored.
    fn hear(&mut self) -> Result<(), BrokerError> {
        let Some(cause) = &self.ended else { return Ok(()) };
        let cause = cause.clone();
        if !matches!(cause, BrokerError::Closed) {
            self.is_certain();
        }
        Err(cause)
    }

    /// A load belongs to one connection.
    fn still_connected(&self) -> Result<(), BrokerError> {
        match self.broker.link.now() {
            now if now == self.connection => Ok(()),
            ConnectionState::Closed => Err(BrokerError::Closed),
            _ => Err(lost()),
        }
    }

    /// The stream has said how many are stored.
    fn is_certain(&mut self) {
        self.progress = Progress { stored: self.stored, possible: self.stored };
    }
}

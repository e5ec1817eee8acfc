//! A load, as a server takes one: what is stored of it has no gaps, and how far it has come is said now and then.

use tokio::task::coop::consume_budget;

use super::faults::Point;
use super::link::lost;
use super::{Embedded, Fault, STORE_FAILED, refused};
use crate::broker::ingest::Progress;
use crate::broker::{BrokerError, ConnectionState, Outgoing};

/// After how many messages it is said how far it has come.
const EVERY: u64 = 500;

/// A load under way.
#[derive(Debug)]
pub(crate) struct Ingest {
    broker: Embedded,
    connection: ConnectionState,
    /// Messages that are in the stream, and the place of the last.
    sent: u64,
    last: u64,
    progress: Progress,
}

impl Ingest {
    /// Begins a load.
    pub(in crate::broker) fn begin(broker: &Embedded) -> Result<Self, BrokerError> {
        if broker.is_closed() {
            return Err(BrokerError::Closed);
        }
        let (connection, progress) = (broker.link.now(), Progress { stored: 0, possible: 0 });
        Ok(Self { broker: broker.clone(), connection, sent: 0, last: 0, progress })
    }

    pub(in crate::broker) fn progress(&self) -> Progress {
        self.progress
    }

    /// Stores the next message.
    pub(in crate::broker) async fn put(&mut self, message: &Outgoing) -> Result<(), BrokerError> {
        // Nothing else here ever waits, and whoever loads in a loop would keep the consumers from running.
        consume_budget().await;
        self.still_connected()?;
        match self.broker.faults.at(Point::Publish) {
            Some(Fault::PublishLost) => {
                self.is_certain();
                Err(BrokerError::Unavailable("a message was lost on its way".into()))
            }
            Some(Fault::DiskFull) => {
                self.is_certain();
                Err(refused(STORE_FAILED, "no space left on the device".to_owned()))
            }
            Some(Fault::PublishDelayed(delay)) => {
                tokio::time::sleep(delay).await;
                self.still_connected()?;
                self.store(message)
            }
            Some(Fault::Disconnect(time)) => {
                self.store(message)?;
                self.broker.faults.disconnect_for(time);
                Err(lost())
            }
            // An answer that is lost is made up for by the next one; and nothing is in the way of what expects nothing.
            _ => self.store(message),
        }
    }

    /// Tells the place of the last message.
    pub(in crate::broker) async fn finish(&mut self) -> Result<u64, BrokerError> {
        self.still_connected()?;
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

    fn store(&mut self, message: &Outgoing) -> Result<(), BrokerError> {
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
                (self.sent, self.last) = (self.sent + 1, stored.sequence);
                let said = self.sent - self.sent % EVERY;
                self.progress = Progress { stored: said, possible: self.sent };
                Ok(())
            }
            Err(error) => {
                if !matches!(error, BrokerError::Closed) {
                    self.is_certain();
                }
                Err(error)
            }
        }
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
        self.progress = Progress { stored: self.sent, possible: self.sent };
    }
}

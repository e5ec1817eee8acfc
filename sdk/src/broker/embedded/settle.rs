//! Settling a delivery.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::consumer::Consumer;
use super::faults::Point;
use super::link::lost;
use super::{Embedded, Fault};
use crate::broker::{BrokerError, ConsumerSpec};

/// Settles the message with this sequence for a consumer. As on a server, nobody asks which attempt it was, and
/// settling what is settled already does nothing.
#[derive(Clone, Debug)]
pub(crate) struct Settle {
    pub(super) broker: Embedded,
    pub(super) consumer: ConsumerSpec,
    pub(super) sequence: u64,
    pub(super) instance: Instance,
}

/// What pulls and settles together, and is gone together.
#[derive(Clone, Debug, Default)]
pub(super) struct Instance(Arc<watch::Sender<bool>>);

impl Instance {
    pub(super) fn is_gone(&self) -> bool {
        *self.0.borrow()
    }

    pub(super) fn watch(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }

    fn go(&self) {
        self.0.send_replace(true);
    }
}

impl Settle {
    pub(crate) async fn ack(&self) -> Result<(), BrokerError> {
        let act = |consumer: &mut Consumer, _| consumer.settle(self.sequence);
        self.confirmed(Point::Ack, |broker| broker.change_consumer(&self.consumer, act)).await
    }

    pub(crate) async fn retry(&self, delay: Duration) -> Result<(), BrokerError> {
        let act = |consumer: &mut Consumer, now| consumer.retry(self.sequence, delay, now);
        let change = |broker: &Embedded| broker.change_consumer(&self.consumer, act);
        self.confirmed(Point::OtherSettlement, change).await
    }

    /// Unconfirmed, so what is sent without a connection is lost.
    pub(crate) async fn progress(&self) -> Result<(), BrokerError> {
        if self.instance.is_gone() || !self.broker.link.is_up() {
            return Ok(());
        }
        self.broker.change_consumer(&self.consumer, |consumer, now| {
            consumer.progress(self.sequence, now);
        })
    }

    pub(crate) async fn terminate(&self, reason: &str) -> Result<(), BrokerError> {
        let act = |broker: &Embedded| broker.terminate(&self.consumer, self.sequence, reason);
        self.confirmed(Point::OtherSettlement, act).await
    }

    async fn confirmed(
        &self,
        point: Point,
        act: impl FnOnce(&Embedded) -> Result<(), BrokerError>,
    ) -> Result<(), BrokerError> {
        let Self { broker, instance, .. } = self;
        broker.link.reach().await?;
        if instance.is_gone() {
            return Err(BrokerError::Closed);
        }
        let fault = broker.faults.at(point);
        match fault {
            Some(Fault::SettlementLost) => return Err(broker.link.unanswered().await),
            Some(Fault::CrashBeforeAck) => {
                instance.go();
                return Err(BrokerError::Closed);
            }
            _ => act(broker)?,
        }
        match fault {
            Some(Fault::SettlementAnswerLost) => Err(broker.link.unanswered().await),
            Some(Fault::Disconnect(time)) => {
                broker.faults.disconnect_for(time);
                Err(lost())
            }
            _ => Ok(()),
        }
    }
}

//! Settling a delivery.

use std::time::Duration;

use super::Embedded;
use crate::broker::{BrokerError, ConsumerSpec};

/// Settles the message with this sequence for a consumer. As on a server, nobody asks which attempt it was, and
/// settling what is settled already does nothing.
#[derive(Clone, Debug)]
pub(crate) struct Settle {
    pub(super) broker: Embedded,
    pub(super) consumer: ConsumerSpec,
    pub(super) sequence: u64,
}

impl Settle {
    pub(crate) async fn ack(&self) -> Result<(), BrokerError> {
        self.broker.change_consumer(&self.consumer, |consumer, _| consumer.settle(self.sequence))
    }

    pub(crate) async fn retry(&self, delay: Duration) -> Result<(), BrokerError> {
        self.broker.change_consumer(&self.consumer, |consumer, now| {
            consumer.retry(self.sequence, delay, now);
        })
    }

    pub(crate) async fn progress(&self) -> Result<(), BrokerError> {
        self.broker.change_consumer(&self.consumer, |consumer, now| {
            consumer.progress(self.sequence, now);
        })
    }

    /// The reason would go to an advisory, which nobody listens to here.
    pub(crate) async fn terminate(&self, _reason: &str) -> Result<(), BrokerError> {
        self.ack().await
    }
}

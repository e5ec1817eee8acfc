//! What a consumer is handed, and how it settles that.

use std::collections::VecDeque;
use std::time::Duration;

use super::{BrokerError, ConsumerSpec, Names, Soon, StoredMessage, embedded, jetstream};

/// A message handed to a consumer, to be settled. In a box on its way, as it goes through many hands.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// The message.
    pub message: StoredMessage,
    /// How often it was handed out, this time included.
    pub attempt: u64,
    /// Why its headers cannot be read, where they cannot. What is readable of them is in the message.
    pub malformed: Option<String>,
    /// How to settle it.
    pub settle: Settle,
}

/// A durable consumer's messages, pulled as there is room for them.
#[derive(Debug)]
pub(crate) struct Pull {
    pub(super) from: PullFrom,
    pub(super) names: Names,
}

#[derive(Debug)]
pub(super) enum PullFrom {
    JetStream(Box<jetstream::Pull>),
    Embedded(embedded::Pull),
}

/// Settles one delivery.
#[derive(Clone, Debug)]
pub(crate) enum Settle {
    JetStream(jetstream::Settle),
    /// In a box, so that the other's deliveries need no room for it.
    Embedded(Box<embedded::Settle>),
}

impl Pull {
    /// What is pulled from; of what may be unsettled, what the broker says and not the catalog.
    pub(crate) fn consumer(&self) -> &ConsumerSpec {
        on!(PullFrom(&self.from), pull => pull.consumer())
    }

    /// The next delivery, asking the broker for no more than `wanted` beside those that it brings. Safe to cancel: nothing is lost, and a later call may want more.
    ///
    /// Recovers on its own from whatever passes: reconnects, restarts, leader changes, lost requests.
    ///
    /// # Errors
    /// The consumer or its stream is gone, or may not be read: it ends for good.
    pub(crate) async fn next(&mut self, wanted: usize) -> Result<Box<Delivery>, BrokerError> {
        let delivery = on!(PullFrom(&mut self.from), pull => pull.next(wanted).await)?;
        Ok(self.names.delivery(delivery))
    }

    /// The next delivery, if it has arrived already; it may be left to [`next`](Self::next).
    pub(crate) fn arrived(&mut self) -> Option<Box<Delivery>> {
        match &mut self.from {
            PullFrom::JetStream(pull) => {
                pull.arrived().map(|delivery| self.names.delivery(delivery))
            }
            PullFrom::Embedded(_) => None,
        }
    }

    /// Takes back what was asked for and not delivered yet, and returns what arrives meanwhile.
    pub(crate) async fn stop(self) -> VecDeque<Box<Delivery>> {
        let Self { from, names } = self;
        let left = on!(PullFrom(from), pull => pull.stop().await);
        left.into_iter().map(|delivery| names.delivery(delivery)).collect()
    }
}

impl Settle {
    /// Handled. Returns when that is on its way; `tell` is told once whether the broker has confirmed it. An error before that
    /// says that nothing was sent, and nothing is told. `tell` must not block.
    pub(crate) fn acknowledge(
        &self,
        tell: impl FnOnce(Result<(), BrokerError>) + Send + 'static,
    ) -> Soon<Result<(), BrokerError>> {
        match self {
            Self::JetStream(settle) => settle.acknowledge(tell),
            Self::Embedded(settle) => {
                let settle = settle.clone();
                embedded::told(async move { settle.ack().await }, tell);
                Soon::now(Ok(()))
            }
        }
    }

    /// Handled, and unconfirmed: returns once it is on its way, and if it is lost, the delivery comes again.
    pub(crate) fn let_go(&self) -> Soon<Result<(), BrokerError>> {
        match self {
            Self::JetStream(settle) => settle.let_go(),
            Self::Embedded(settle) => {
                let settle = settle.clone();
                embedded::told(async move { settle.ack().await }, drop);
                Soon::now(Ok(()))
            }
        }
    }

    /// Handled. Returns once the broker has confirmed it.
    pub(crate) async fn ack(&self) -> Result<(), BrokerError> {
        on!(Self(self), settle => settle.ack().await)
    }

    /// Not handled: deliver again after `delay`.
    pub(crate) async fn retry(&self, delay: Duration) -> Result<(), BrokerError> {
        on!(Self(self), settle => settle.retry(delay).await)
    }

    /// Still at it: the wait for an acknowledgement begins anew.
    pub(crate) async fn progress(&self) -> Result<(), BrokerError> {
        on!(Self(self), settle => settle.progress().await)
    }

    /// Never deliver again. Returns once the broker has confirmed it.
    pub(crate) async fn terminate(&self, reason: &str) -> Result<(), BrokerError> {
        on!(Self(self), settle => settle.terminate(reason).await)
    }
}

//! How a subscription stands, as an operator wants to see it.

use jiff::Timestamp;

use crate::broker::ConsumerSpec;
use crate::catalog::SubscriptionSpec;
use crate::{BrokerError, Tidings};

/// How a subscription stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubscriptionStatus {
    /// Events that it was never handed, over all partitions.
    pub pending: u64,
    /// Deliveries that nobody has settled yet.
    pub in_flight: u64,
    /// Those of them that are not the first of their event: something has failed, or somebody has died, before.
    pub redelivered: u64,
    /// Events that it could not handle.
    pub dead_letters: u64,
    /// Dead letters that were handed to it again and are not settled yet.
    pub redriven: u64,
    /// When it was handed something last; none where it never was.
    pub last_delivery: Option<Timestamp>,
}

impl Tidings {
    /// How a subscription stands, over all instances and partitions. What its server counts a moment later than it stores may
    /// be missing.
    ///
    /// ```no_run
    /// use tidings::Subscription as _;
    /// use event_catalog::orders::fulfilment;
    ///
    /// # async fn look(bus: tidings::Tidings) -> Result<(), tidings::BrokerError> {
    /// let status = bus.status(fulfilment::Subscription::SPEC).await?;
    /// println!("{} wait, {} failed for good", status.pending, status.dead_letters);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A consumer or the stream of dead letters does not exist, or the broker does not answer.
    pub async fn status(
        &self,
        subscription: &SubscriptionSpec,
    ) -> Result<SubscriptionStatus, BrokerError> {
        let mut status = SubscriptionStatus::default();
        for consumer in ConsumerSpec::live(subscription) {
            let state = self.broker().consumer_state(consumer.stream, consumer.durable).await?;
            status.pending += state.pending;
            status.in_flight += state.unsettled;
            status.redelivered += state.redelivered;
            status.last_delivery = status.last_delivery.max(state.last_delivery);
        }
        let redrive = ConsumerSpec::redrive_of(subscription);
        let state = self.broker().consumer_state(redrive.stream, redrive.durable).await?;
        status.redriven = state.pending + state.unsettled;
        status.last_delivery = status.last_delivery.max(state.last_delivery);
        let SubscriptionSpec { service, name, dead_letters, .. } = subscription;
        let filter = format!("{}.{service}.{name}.>", dead_letters.subject);
        status.dead_letters = self.broker().count(dead_letters.stream, &filter).await?;
        Ok(status)
    }
}

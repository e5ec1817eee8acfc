//! Durable consumers: which there are for a subscription, and how far one has come.

use std::time::Duration;

use jiff::Timestamp;

use crate::catalog::{Start, SubscriptionSpec};

/// A durable consumer of a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConsumerSpec {
    /// The stream that it reads.
    pub stream: &'static str,
    /// Its name.
    pub durable: &'static str,
    /// What it reads of the stream.
    pub filters: &'static [&'static str],
    /// How long the broker waits for an acknowledgement or a sign of progress.
    pub ack_wait: Duration,
    /// Unsettled deliveries over all instances.
    pub max_ack_pending: u32,
    /// Where it begins.
    pub start: Start,
    /// Deliveries handled at once, per instance.
    pub concurrency: usize,
}

impl ConsumerSpec {
    /// The consumer of a subscription, as far as its partitions have it in common.
    fn of(subscription: &SubscriptionSpec) -> Self {
        Self {
            stream: subscription.stream,
            durable: subscription.durable,
            filters: subscription.filters,
            ack_wait: subscription.ack_wait,
            max_ack_pending: subscription.max_ack_pending,
            start: subscription.start,
            concurrency: subscription.concurrency,
        }
    }

    /// The consumers of what is published for a subscription: one, or one for each partition, which hands out the next event
    /// when the one before is settled. With more on their way, newer ones would overtake when an instance dies.
    pub(crate) fn live(subscription: &SubscriptionSpec) -> impl Iterator<Item = Self> + use<> {
        let one = Self::of(subscription);
        let whole = subscription.partitions.is_empty().then_some(one);
        let partitions = subscription.partitions.iter().map(move |partition| Self {
            durable: partition.durable,
            filters: partition.filters,
            max_ack_pending: 1,
            concurrency: 1,
            ..one
        });
        whole.into_iter().chain(partitions)
    }

    /// The consumer of what is redriven to a subscription. One at a time: repairs wait, live events do not.
    pub(crate) fn redrive_of(subscription: &SubscriptionSpec) -> Self {
        Self {
            stream: subscription.dead_letters.stream,
            durable: subscription.redrive.durable,
            filters: subscription.redrive.filters,
            start: Start::All,
            concurrency: 1,
            ..Self::of(subscription)
        }
    }
}

/// How far a consumer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConsumerState {
    /// Messages that it was never handed.
    pub pending: u64,
    /// Deliveries that nobody has settled yet.
    pub unsettled: u64,
    /// So many may be, over all instances. Its catalog may say another number: before `ensure`, or in a rollout.
    pub max_unsettled: u64,
    /// Those of them that are not the first of their message.
    pub redelivered: u64,
    /// When it was handed something last.
    pub last_delivery: Option<Timestamp>,
}

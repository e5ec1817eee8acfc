//! How far behind subscriptions are.

use std::time::Duration;

use crate::broker::ConsumerSpec;
use crate::catalog::SubscriptionSpec;
use crate::resilience::retry;
use crate::{BrokerError, Tidings};

/// How far behind a subscription is.
///
/// ```
/// use event_catalog::user_profile::welcome_mail;
/// use tidings::{Lag, Subscription as _};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// let lag = bus.lag(welcome_mail::Subscription::SPEC).await?;
/// assert_eq!(lag, Lag { pending: 0, unsettled: 0 }, "all is handled");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Events that it was never handed.
    pub pending: u64,
    /// Deliveries that nobody has settled yet.
    pub unsettled: u64,
}

impl Tidings {
    /// Events that a subscription has not been handed yet, and those it has not settled, over all partitions.
    ///
    /// ```
    /// use event_catalog::user_profile::welcome_mail;
    /// use tidings::Subscription as _;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bus = tidings::Tidings::embedded();
    /// # bus.ensure(&event_catalog::CATALOG).await?;
    /// let lag = bus.lag(welcome_mail::Subscription::SPEC).await?;
    /// let dead = bus.dead_letters_held(welcome_mail::Subscription::SPEC).await?;
    /// println!("{} wait, {} are in hand, {dead} have failed for good", lag.pending, lag.unsettled);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The consumer does not exist, or the broker does not answer.
    pub async fn lag(&self, subscription: &SubscriptionSpec) -> Result<Lag, BrokerError> {
        Ok(self.lag_and_most_unsettled(subscription).await?.0)
    }

    /// The same, and how many may be unsettled over all instances and partitions, as the broker has it.
    pub(crate) async fn lag_and_most_unsettled(
        &self,
        subscription: &SubscriptionSpec,
    ) -> Result<(Lag, u64), BrokerError> {
        self.behind(ConsumerSpec::live(subscription)).await
    }

    /// How many dead letters are held for a subscription.
    ///
    /// # Errors
    /// The stream of dead letters does not exist or may not be asked, or the broker does not answer.
    pub async fn dead_letters_held(
        &self,
        subscription: &SubscriptionSpec,
    ) -> Result<u64, BrokerError> {
        let SubscriptionSpec { service, name, dead_letters, .. } = subscription;
        let filter = format!("{}.{service}.{name}.>", dead_letters.subject);
        self.broker().count(dead_letters.stream, &filter).await
    }

    async fn behind(
        &self,
        consumers: impl Iterator<Item = ConsumerSpec>,
    ) -> Result<(Lag, u64), BrokerError> {
        let (mut lag, mut most) = (Lag { pending: 0, unsettled: 0 }, 0);
        for consumer in consumers {
            let state = self.broker().consumer_state(consumer.stream, consumer.durable).await?;
            lag.pending += state.pending;
            lag.unsettled += state.unsettled;
            most += state.max_unsettled;
        }
        Ok((lag, most))
    }

    /// Waits until a subscription is idle: nothing waits for it, and nothing that it was handed is unsettled. What is
    /// redriven to it counts too; what others publish meanwhile does as well.
    ///
    /// For tests, and for tools that must not go on before: it asks the broker four times a second.
    ///
    /// ```
    /// # async fn settle(bus: tidings::Tidings) -> Result<(), tidings::BrokerError> {
    /// use event_catalog::orders::fulfilment;
    /// use tidings::Subscription as _;
    ///
    /// bus.idle(fulfilment::Subscription::SPEC).await
    /// # }
    /// ```
    ///
    /// # Errors
    /// The consumer does not exist, or the broker could not be reached for half a minute.
    pub async fn idle(&self, subscription: &SubscriptionSpec) -> Result<(), BrokerError> {
        let redrive = ConsumerSpec::redrive_of(subscription);
        let all = || ConsumerSpec::live(subscription).chain([redrive]);
        let (mut pause, mut was_idle) = (Duration::from_millis(20), false);
        loop {
            let (lag, _) = retry::reaching(|| self.behind(all())).await?;
            let is_idle = lag == (Lag { pending: 0, unsettled: 0 });
            // Twice: a server counts what a stream has just stored a moment later.
            if is_idle && was_idle {
                return Ok(());
            }
            was_idle = is_idle;
            tokio::time::sleep(pause).await;
            pause = Duration::from_millis(250).min(2 * pause);
        }
    }
}

//! Faults on demand: what a network and a server do to a service now and then, done to it when a test wishes.

mod delivery;
mod fault;
mod publish;
mod random;

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(super) use self::delivery::OnTheWay;
pub use self::fault::Fault;
pub(super) use self::fault::Point;
use self::random::Random;
use super::link::Link;
use crate::broker::ConsumerSpec;
use crate::catalog::SubscriptionSpec;

/// Faults of one embedded broker; clones share them. See [the module](crate::testing).
///
/// ```
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use event_catalog::user_profile::{self, welcome_mail};
/// use tidings::testing::{self, Fault};
/// use tidings::Subscription as _;
///
/// let (bus, faults) = testing::embedded();
/// bus.ensure(&event_catalog::CATALOG).await?;
/// let publisher = user_profile::Publisher::new(&bus).organization("acme");
///
/// // One after the other, each once.
/// faults.inject(Fault::Disconnect(Duration::from_secs(3)));
/// faults.inject(Fault::PublishAnswerLost);
/// publisher.user_created(testing::example()).await?;
/// assert_eq!(faults.struck().len(), 2);
///
/// // By shares, or a bit of everything: the same for the same seed.
/// faults.randomly(7, [(Fault::PublishLost, 0.2), (Fault::DeliveryDuplicated, 0.2)]);
/// faults.chaos(7);
/// for _ in 0..20 {
///     publisher.user_created(testing::example()).await?;
/// }
///
/// // A broker that is away for as long as the test says, and one with a limit that somebody has set.
/// faults.stop();
/// faults.disconnect();
/// let waiting = publisher.user_created(testing::example()).enqueue().await?;
/// faults.reconnect();
/// waiting.await?;
/// faults.limit_deliveries(welcome_mail::Subscription::SPEC, 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Faults {
    link: Link,
    plan: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Whether there is anything to strike, so that nobody else pays for it.
    armed: AtomicBool,
    plan: Mutex<Plan>,
    connections: AtomicU64,
}

#[derive(Default)]
struct Plan {
    /// Each strikes once, in this order.
    due: Vec<Fault>,
    random: Option<Random>,
    /// By durable, how often a message is delivered at most.
    limits: HashMap<&'static str, u64>,
    struck: Vec<Fault>,
}

impl Faults {
    pub(super) fn new(link: Link) -> Self {
        let plan = Shared { connections: AtomicU64::new(1), ..Shared::default() };
        Self { link, plan: Arc::new(plan) }
    }

    /// Lets a fault strike once, at the next publish, delivery or settlement that it can strike. Several strike one after
    /// the other.
    pub fn inject(&self, fault: Fault) {
        self.plan().due.push(fault);
        self.plan.armed.store(true, Ordering::Release);
    }

    /// Lets faults strike at random, each at this share of what it can strike, such as `(Fault::PublishLost, 0.05)`.
    ///
    /// Which publish, which delivery and which settlement is struck follows from the seed, and so do the random parts of
    /// delays on this thread. With one thread and paused time the same seed is the same run, but for the order of what
    /// happens at the same instant.
    pub fn randomly(&self, seed: u64, shares: impl IntoIterator<Item = (Fault, f64)>) {
        fastrand::seed(seed);
        self.plan().random = Some(Random::new(seed, shares.into_iter().collect()));
        self.plan.armed.store(true, Ordering::Release);
    }

    /// A bit of everything that a service has to survive, [at random](Self::randomly): losses, delays, duplicates, changes
    /// of order and disconnects, but no crash.
    pub fn chaos(&self, seed: u64) {
        let (short, long) = (Duration::from_millis(300), Duration::from_secs(7));
        self.randomly(
            seed,
            [
                (Fault::PublishLost, 0.03),
                (Fault::PublishAnswerLost, 0.03),
                (Fault::PublishDelayed(short), 0.03),
                (Fault::PublishDelayed(long), 0.02),
                (Fault::DiskFull, 0.02),
                (Fault::PublishContended, 0.02),
                (Fault::DeliveryLost, 0.02),
                (Fault::DeliveryDelayed(short), 0.05),
                (Fault::DeliveryDuplicated, 0.03),
                (Fault::DeliveryReordered, 0.05),
                (Fault::SettlementLost, 0.03),
                (Fault::SettlementAnswerLost, 0.03),
                (Fault::Disconnect(short), 0.01),
            ],
        );
    }

    /// Gives a subscription's consumers a limit of deliveries, as somebody can who has access to a server. What was delivered
    /// so often and is not settled within the ack wait comes no more, and a [sweeper](crate::Sweep) finds it.
    pub fn limit_deliveries(&self, subscription: &SubscriptionSpec, most: u32) {
        let durables = ConsumerSpec::live(subscription).map(|consumer| consumer.durable);
        self.plan().limits.extend(durables.map(|durable| (durable, u64::from(most.max(1)))));
        self.plan.armed.store(true, Ordering::Release);
    }

    /// Loses the connection. Publishes and settlements under way are not answered, deliveries under way are lost, and
    /// what is asked meanwhile waits.
    pub fn disconnect(&self) {
        self.link.lose();
    }

    /// Ends a [`disconnect`](Self::disconnect).
    pub fn reconnect(&self) {
        let count = self.plan.connections.fetch_add(1, Ordering::Relaxed) + 1;
        self.link.restore(count);
    }

    /// No fault strikes any more, and the connection is up.
    pub fn stop(&self) {
        let mut plan = self.plan();
        plan.due.clear();
        plan.random = None;
        plan.limits.clear();
        self.plan.armed.store(false, Ordering::Release);
        drop(plan);
        self.reconnect();
    }

    /// What has struck until now, in this order.
    #[must_use]
    pub fn struck(&self) -> Vec<Fault> {
        self.plan().struck.clone()
    }

    /// What strikes here, if anything does.
    pub(super) fn at(&self, point: Point) -> Option<Fault> {
        if !self.plan.armed.load(Ordering::Acquire) {
            return None;
        }
        let mut plan = self.plan();
        let fault = match plan.due.iter().position(|fault| fault.strikes(point)) {
            Some(first) => plan.due.remove(first),
            None => plan.random.as_mut()?.roll(point)?,
        };
        plan.struck.push(fault);
        Some(fault)
    }

    /// How often a message is delivered at most, if somebody has set it.
    pub(super) fn limit_of(&self, durable: &str) -> Option<u64> {
        if !self.plan.armed.load(Ordering::Acquire) {
            return None;
        }
        self.plan().limits.get(durable).copied()
    }

    /// Loses the connection for so long.
    pub(super) fn disconnect_for(&self, time: Duration) {
        if self.link.lose().is_some() {
            let this = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(time).await;
                this.reconnect();
            });
        }
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = self.plan();
        f.debug_struct("Faults")
            .field("due", &plan.due)
            .field("struck", &plan.struck.len())
            .finish_non_exhaustive()
    }
}

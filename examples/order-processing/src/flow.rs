//! Which subscription hears from which, and when all of them have come to rest.

use std::time::Duration;

use event_catalog::{analytics, inventory, notifications, orders, payments};
use tidings::catalog::SubscriptionSpec;
use tidings::{BrokerError, Subscription, Tidings};

pub(crate) const ALLOCATION: &SubscriptionSpec = inventory::allocation::Subscription::SPEC;
pub(crate) const COLLECTION: &SubscriptionSpec = payments::collection::Subscription::SPEC;

/// Every subscription after those whose handlers publish what it receives.
pub(crate) const ALL: &[&SubscriptionSpec] = &[
    ALLOCATION,
    orders::reservation::Subscription::SPEC,
    COLLECTION,
    orders::fulfilment::Subscription::SPEC,
    notifications::customer_mail::Subscription::SPEC,
    analytics::order_book::Subscription::SPEC,
];

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(25);

/// Waits until the subscriptions have handled everything, retries included. They come in the order of the flow: once
/// one has nothing left, nothing more comes to the next because of it.
pub(crate) async fn settled(
    bus: &Tidings,
    subscriptions: &[&SubscriptionSpec],
) -> Result<(), BrokerError> {
    for subscription in subscriptions {
        // Twice, for a server counts what a stream has just stored a moment later.
        let mut quiet = 0;
        while quiet < 2 {
            let lag = bus.lag(subscription).await?;
            quiet = if lag.pending + lag.unsettled == 0 { quiet + 1 } else { 0 };
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
}

//! Which subscription hears from which, and when all of them have come to rest.

use event_catalog::{analytics, inventory, notifications, orders, payments};
use tidings::catalog::SubscriptionSpec;
use tidings::{BrokerError, Subscription, Tidings};

pub(crate) const ALLOCATION: &SubscriptionSpec = inventory::allocation::Subscription::SPEC;
pub(crate) const COLLECTION: &SubscriptionSpec = payments::collection::Subscription::SPEC;
pub(crate) const RELEASE: &SubscriptionSpec = inventory::release::Subscription::SPEC;

/// Every subscription after those whose handlers publish what it receives.
pub(crate) const ALL: &[&SubscriptionSpec] = &[
    ALLOCATION,
    orders::reservation::Subscription::SPEC,
    COLLECTION,
    orders::fulfilment::Subscription::SPEC,
    RELEASE,
    notifications::customer_mail::Subscription::SPEC,
    analytics::order_book::Subscription::SPEC,
];

/// Waits until the subscriptions have handled everything, retries included. They come in the order of the flow: once
/// one has nothing left, nothing more comes to the next because of it.
pub(crate) async fn settled(
    bus: &Tidings,
    subscriptions: &[&SubscriptionSpec],
) -> Result<(), BrokerError> {
    for subscription in subscriptions {
        bus.idle(subscription).await?;
    }
    Ok(())
}

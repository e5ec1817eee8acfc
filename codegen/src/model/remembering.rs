//! How long an event can come again, and how long it is known that it was handled.

use std::time::Duration;

use super::{Catalog, Retention, Subscription};

impl Catalog {
    /// How long an event can come to a subscription again: as long as its stream keeps it, and then as long as it may be
    /// redriven from the dead letters, wherever it is kept longest. Without an end where something is kept for ever.
    pub fn horizon(&self, subscription: &Subscription) -> Option<Duration> {
        let kept = |stream: &str| {
            let limits = self.streams.get(stream).into_iter().flat_map(super::Stream::everywhere);
            limits
                .map(|held| held.limits.max_age)
                .try_fold(Duration::ZERO, |longest, age| age.map(|age| longest.max(age)))
        };
        Some(kept(&subscription.stream)?.saturating_add(kept(&self.dead_letters.stream)?))
    }

    /// How long it is known that a subscription has handled an event; without an end for ever.
    pub fn remembered(&self, subscription: &Subscription) -> Option<Duration> {
        match subscription.retention {
            Some(Retention(retention)) => retention,
            None => self.horizon(subscription),
        }
    }
}

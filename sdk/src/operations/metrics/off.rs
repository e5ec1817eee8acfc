//! Nothing is measured: the same surface, with nothing behind it.

use std::time::Duration;

use tokio::time::Instant;

use super::{Failing, Status};
use crate::catalog::SubscriptionSpec;
use crate::{EventSpec, Outcome, Tidings};

#[derive(Debug, Default)]
pub(crate) struct Figures;

#[derive(Debug)]
pub(crate) struct Publishing;

#[derive(Debug)]
pub(crate) struct Consuming;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted;

impl Counted {
    pub(crate) const UNKNOWN: Self = Self;
}

impl Figures {
    pub(crate) fn publishing(
        &self,
        _: &Tidings,
        _: &'static str,
        _: &'static EventSpec,
    ) -> Publishing {
        Publishing
    }
}

impl Publishing {
    /// Not much later than it began.
    pub(crate) fn begun(&self) -> Instant {
        Instant::now()
    }

    pub(crate) fn ended(&self, _: Outcome) {}
}

impl Consuming {
    pub(crate) fn new(
        _: &'static SubscriptionSpec,
        _: impl Iterator<Item = &'static EventSpec>,
    ) -> Self {
        Self
    }

    pub(crate) fn counted(&self, _: &str) -> Counted {
        Counted
    }

    pub(crate) fn attempted(&self, _: Counted, _: Instant, _: bool, _: Option<Failing>) {}

    pub(crate) fn settled(&self, _: Counted, _: Status) {}
}

/// Returns at once: there is nothing to sample.
pub(crate) async fn sample(_: Tidings, _: Vec<&'static SubscriptionSpec>, _: Duration) {}

/// The same for an outbox.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) async fn sample_outbox<DB: crate::Dialect>(_: crate::outbox::Outbox<DB>, _: Duration) {}

/// What a relay publishes.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
#[derive(Debug, Default)]
pub(crate) struct Relayed;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
impl Relayed {
    pub(crate) fn ended(
        &mut self,
        _: &str,
        _: Option<&crate::broker::Outgoing>,
        _: Outcome,
        _: usize,
    ) {
    }
}

//! The streams and subscriptions of a run: those of the fixture catalog, with limits that a long run does not meet.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings::catalog::{Catalog, Storage, StreamLimits, StreamSpec, SubscriptionSpec};
use tidings::{Event as _, Subscription as _};
use tidings_tests::catalog::parcels::ParcelSent;
use tidings_tests::catalog::{CATALOG, tracking};

/// The stream of the events.
pub(crate) const STREAM: &str = ParcelSent::SPEC.stream;
/// The subject of the events.
pub(crate) const SUBJECT: &str = ParcelSent::SPEC.filter;

/// A subscription, by what it promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Reader {
    /// Every event, in any order.
    Plain,
    /// Those of one key one after the other, within one instance.
    Lanes,
    /// Those of one key in their order, over all instances and whatever dies.
    Strict,
}

impl Reader {
    pub(crate) const ALL: [Self; 3] = [Self::Plain, Self::Lanes, Self::Strict];

    pub(crate) fn spec(self) -> &'static SubscriptionSpec {
        match self {
            Self::Plain => tracking::journey::Subscription::SPEC,
            Self::Lanes => tracking::in_order::Subscription::SPEC,
            Self::Strict => tracking::single_file::Subscription::SPEC,
        }
    }

    pub(crate) fn of_durable(durable: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reader| reader.spec().durable == durable)
    }
}

/// What a run needs of the catalog, in as many copies.
pub(crate) fn catalog(replicas: u8) -> Catalog {
    let limits = StreamLimits {
        storage: Storage::File,
        max_age: None,
        max_bytes: None,
        replicas,
        // A consumer that is created anew hands out everything again, poison too, however late.
        duplicate_window: Duration::from_secs(3600),
    };
    let stream = |spec: &StreamSpec| StreamSpec {
        name: spec.name,
        subjects: spec.subjects,
        limits: limits.clone(),
        environments: &[],
    };
    let streams: Vec<_> = CATALOG.streams.iter().map(stream).collect();
    let subscriptions: Vec<_> = Reader::ALL.into_iter().map(Reader::spec).collect();
    // Once a process, for as long as it lives.
    Catalog { streams: streams.leak(), subscriptions: subscriptions.leak(), ..CATALOG }
}

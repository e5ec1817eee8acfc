//! The streams and subscriptions of a run: those of the fixture catalog, with limits that a long run does not meet.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings::catalog::{Catalog, Storage, StreamLimits, StreamSpec, SubscriptionSpec};
use tidings::{Event as _, Subscription as _};
use tidings_tests::catalog::pallets::PalletMoved;
use tidings_tests::catalog::parcels::ParcelSent;
use tidings_tests::catalog::{CATALOG, tracking};

/// The streams of the events: that of the parcels, and that of the pallets, which has partitions.
pub(crate) const STREAMS: [&str; 2] = [ParcelSent::SPEC.stream, PalletMoved::SPEC.stream];
/// The stream of the server's word of what was given up, and the durable that reads it.
pub(crate) const SWEEPER: (&str, &str) = (CATALOG.advisories.name, "sweeper");
/// The subject of the parcels.
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
    /// The same by partitions: the only one that reads the pallets.
    Parted,
}

impl Reader {
    pub(crate) const ALL: [Self; 4] = [Self::Plain, Self::Lanes, Self::Strict, Self::Parted];

    pub(crate) fn spec(self) -> &'static SubscriptionSpec {
        match self {
            Self::Plain => tracking::journey::Subscription::SPEC,
            Self::Lanes => tracking::in_order::Subscription::SPEC,
            Self::Strict => tracking::single_file::Subscription::SPEC,
            Self::Parted => tracking::pallets_in_order::Subscription::SPEC,
        }
    }

    /// Those that read a stream.
    pub(crate) fn of_stream(stream: &str) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |reader| reader.spec().stream == stream)
    }

    /// Its consumers.
    pub(crate) fn durables(self) -> Vec<&'static str> {
        let spec = self.spec();
        match spec.partitions {
            [] => vec![spec.durable],
            partitions => partitions.iter().map(|partition| partition.durable).collect(),
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
        ownership: spec.ownership,
        bulk: spec.bulk,
        limits: limits.clone(),
        environments: &[],
    };
    let streams: Vec<_> = CATALOG.streams.iter().map(stream).collect();
    let subscriptions: Vec<_> = Reader::ALL.into_iter().map(Reader::spec).collect();
    // Once a process, for as long as it lives.
    Catalog { streams: streams.leak(), subscriptions: subscriptions.leak(), ..CATALOG }
}

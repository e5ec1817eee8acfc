//! The streams and subscriptions of a run: parcels, which anybody takes, and pallets, which keep their order.

use std::time::Duration;

use tidings::catalog::{Catalog, Storage, StreamLimits, StreamSpec, SubscriptionSpec};
use tidings::{Event as _, Subscription as _};
use tidings_tests::busy::Busy;
use tidings_tests::catalog::pallets::PalletMoved;
use tidings_tests::catalog::parcels::ParcelSent;
use tidings_tests::catalog::{CATALOG, tracking};

pub(crate) const PARCELS: &SubscriptionSpec = Busy::SPEC;
pub(crate) const PALLETS: &SubscriptionSpec = tracking::pallets_in_order::Subscription::SPEC;

/// What a run needs of the fixture catalog, in as many copies. Streams keep what they are given.
pub(crate) fn catalog(copies: u8) -> Catalog {
    let limits = StreamLimits {
        storage: Storage::File,
        max_age: None,
        max_bytes: None,
        replicas: copies,
        duplicate_window: Duration::from_secs(120),
    };
    let wanted = [ParcelSent::SPEC.stream, PalletMoved::SPEC.stream, CATALOG.dead_letters.stream];
    let wanted = CATALOG.streams.iter().filter(|stream| wanted.contains(&stream.name));
    let stream = |spec: &StreamSpec| StreamSpec {
        name: spec.name,
        subjects: spec.subjects,
        ownership: spec.ownership,
        limits: limits.clone(),
        bulk: false,
        environments: &[],
    };
    let streams: Vec<_> = wanted.map(stream).collect();
    // Once for each number of copies, for as long as the process lives.
    Catalog { streams: streams.leak(), subscriptions: &[PARCELS, PALLETS], ..CATALOG }
}

/// How many partitions the stream of the pallets has.
pub(crate) fn partitions() -> u16 {
    PalletMoved::SPEC.partitions.unwrap_or(1)
}

use std::collections::BTreeSet;

use crate::model::{Event, Partition};

/// A durable consumer for each partition of the events that a subscription keeps in order; none where they are not divided.
///
/// The first is the subscription's own, so that a stream which is divided later goes on where it was, and what has no
/// partition is read: what was stored before, and what services publish that were built before.
pub(super) fn divide(durable: &str, events: &[&Event]) -> Vec<Partition> {
    let count = events.iter().find_map(|event| event.partitions).unwrap_or_default();
    let partition = |number: u16| {
        let own = events.iter().map(|event| format!("{}.{number}", event.subject.filter()));
        let plain = events.iter().filter(|_| number == 0).map(|event| event.subject.filter());
        let filters: BTreeSet<String> = own.chain(plain).collect();
        Partition {
            durable: match number {
                0 => durable.to_owned(),
                _ => format!("{durable}-p{number}"),
            },
            filters: filters.into_iter().collect(),
        }
    };
    (0..count).map(partition).collect()
}

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::EventSpec;
use crate::catalog::{StreamSpec, SubscriptionSpec};

/// Where replayed events come from: a stream, what a subscription reads of its stream, the events of one type, or a file
/// that [`Replay::to_file`](crate::Replay::to_file) has written.
///
/// Made from a [`StreamSpec`], a [`SubscriptionSpec`], an [`EventSpec`] or a path.
///
/// ```
/// use std::path::Path;
///
/// use event_catalog::analytics::order_book;
/// use event_catalog::orders::OrderCreated;
/// use tidings::{Event as _, ReplaySource, Subscription as _};
///
/// let stream = event_catalog::CATALOG.stream("ORDERS_EVENTS").expect("it is in the catalog");
/// let all: ReplaySource = stream.into();
/// let what_it_reads: ReplaySource = order_book::Subscription::SPEC.into();
/// let of_one_type: ReplaySource = OrderCreated::SPEC.into();
/// let file: ReplaySource = Path::new("orders.jsonl").into();
/// # let _ = (all, what_it_reads, of_one_type, file);
/// ```
#[derive(Clone, Debug)]
pub struct ReplaySource(pub(super) Kind);

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Stream { name: &'static str, filters: Vec<String>, event_type: Option<&'static str> },
    File(PathBuf),
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

impl From<&'static StreamSpec> for ReplaySource {
    fn from(spec: &'static StreamSpec) -> Self {
        let filters = owned(spec.subjects);
        Self(Kind::Stream { name: spec.name, filters, event_type: None })
    }
}

impl From<&'static SubscriptionSpec> for ReplaySource {
    fn from(spec: &'static SubscriptionSpec) -> Self {
        let partitions = spec.partitions.iter().flat_map(|partition| partition.filters);
        let filters: BTreeSet<&str> = spec.filters.iter().chain(partitions).copied().collect();
        let filters = filters.into_iter().map(str::to_owned).collect();
        Self(Kind::Stream { name: spec.stream, filters, event_type: None })
    }
}

impl From<&'static EventSpec> for ReplaySource {
    fn from(spec: &'static EventSpec) -> Self {
        let (filters, event_type) = (spec.filters().collect(), Some(spec.event_type));
        Self(Kind::Stream { name: spec.stream, filters, event_type })
    }
}

impl From<&Path> for ReplaySource {
    fn from(path: &Path) -> Self {
        Self(Kind::File(path.to_owned()))
    }
}

impl From<PathBuf> for ReplaySource {
    fn from(path: PathBuf) -> Self {
        Self(Kind::File(path))
    }
}

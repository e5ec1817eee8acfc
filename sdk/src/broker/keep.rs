//! What a service's start never takes away. An instance with an older catalog restarts in the middle of a rollout; what it
//! lowered would be gone for the newer ones too.

use std::fmt::Debug;
use std::time::Duration;

use super::{ConsumerSpec, Pattern};
use crate::catalog::StreamLimits;

/// All that `has` or `wants` match: what is published meanwhile would be passed over. Where two match in part the same, which
/// no server takes, `wants` counts.
pub(crate) fn patterns(has: &[Pattern], wants: &[Pattern]) -> Vec<Pattern> {
    let stays = |old: &&Pattern| {
        wants.iter().all(|new| !new.overlaps(old) || (old.covers(new) && *old != new))
    };
    let kept: Vec<&Pattern> = has.iter().filter(stays).collect();
    let fresh = wants.iter().filter(|new| !kept.iter().any(|kept| kept.covers(new)));
    let mut all: Vec<Pattern> = fresh.chain(kept.iter().copied()).cloned().collect();
    all.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    all
}

/// The limits that a stream with these gets from a catalog that wants others: of each, the one that keeps more.
pub(super) fn limits(name: &str, has: &StreamLimits, wants: &StreamLimits) -> StreamLimits {
    let keep = Keep { what: "stream", name };
    StreamLimits {
        storage: wants.storage,
        max_age: keep
            .more("max_age", has.max_age, wants.max_age, |age| age.unwrap_or(Duration::MAX)),
        max_bytes: keep
            .more("max_bytes", has.max_bytes, wants.max_bytes, |bytes| bytes.unwrap_or(u64::MAX)),
        replicas: keep.more("replicas", has.replicas, wants.replicas, |replicas| replicas),
        duplicate_window: keep.more(
            "duplicate_window",
            has.duplicate_window,
            wants.duplicate_window,
            |window| window,
        ),
    }
}

/// The values of each key that a bucket keeps.
pub(super) fn history<T: Copy + Debug + PartialOrd>(name: &str, has: T, wants: T) -> T {
    Keep { what: "bucket", name }.more("history", has, wants, |values| values)
}

/// What may be unsettled of a durable consumer with these settings, and for how long. One at a time is what keeps a
/// partition in order; and whoever holds a delivery gives signs of life as often as its own catalog says.
pub(super) fn unsettled(
    consumer: &ConsumerSpec,
    ack_wait: Duration,
    max_ack_pending: u32,
) -> (Duration, u32) {
    let keep = Keep { what: "consumer", name: consumer.durable };
    let order = |pending: u32| pending == 1;
    (
        keep.more("ack_wait", ack_wait, consumer.ack_wait, |wait| wait),
        keep.more("max_ack_pending", max_ack_pending, consumer.max_ack_pending, order),
    )
}

struct Keep<'a> {
    what: &'static str,
    name: &'a str,
}

impl Keep<'_> {
    /// What is wanted, unless it is less.
    fn more<T: Copy + Debug, R: PartialOrd>(
        &self,
        setting: &str,
        has: T,
        wants: T,
        rank: impl Fn(T) -> R,
    ) -> T {
        if rank(wants) >= rank(has) {
            return wants;
        }
        let Self { what, name } = self;
        tracing::warn!(
            what,
            name,
            setting,
            stays = ?has,
            catalog = ?wants,
            "the catalog would have less kept than the broker does; `ensure` leaves it. Lowering it is an operator's step"
        );
        has
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_catalog_takes_nothing_away() {
        let parse = |texts: &[&str]| -> Vec<Pattern> {
            texts.iter().map(|text| Pattern::parse(text).expect("a pattern")).collect()
        };
        for (has, expected) in [
            (&[][..], &["a.b", "c.*"][..]),
            (&["d"], &["a.b", "c.*", "d"]),
            (&["a.b", "e.>"], &["a.b", "c.*", "e.>"]),
            (&["a.>"], &["a.>", "c.*"]),
            (&["*.b"], &["a.b", "c.*"]),
            (&["c.d"], &["a.b", "c.*"]),
        ] {
            let all = patterns(&parse(has), &parse(&["a.b", "c.*"]));
            let all: Vec<&str> = all.iter().map(Pattern::as_str).collect();
            assert_eq!(all, expected, "{has:?}");
        }
    }
}

//! When events failed first, as far as this process has seen it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// The first failures of events that will come again, by their sequence.
#[derive(Debug)]
pub(super) struct FirstFailures {
    seen: Mutex<BTreeMap<u64, Timestamp>>,
    /// No more than this many events are out at once; an event beyond them was finished elsewhere.
    bound: usize,
}

impl FirstFailures {
    pub(super) fn new(bound: u32) -> Self {
        Self { seen: Mutex::default(), bound: bound.max(1) as usize }
    }

    /// An event failed at `now`. When it did so for the first time, unless that was elsewhere.
    pub(super) fn failed(&self, sequence: u64, attempt: u64, now: Timestamp) -> Option<Timestamp> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let known = seen.get(&sequence).copied();
        if known.is_none() && attempt <= 1 {
            seen.insert(sequence, now);
            if seen.len() > self.bound {
                seen.pop_first();
            }
            return Some(now);
        }
        known
    }

    /// When an event failed for the first time, if this process saw it.
    pub(super) fn of(&self, sequence: u64) -> Option<Timestamp> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(&sequence).copied()
    }

    /// The event is done with.
    pub(super) fn forget(&self, sequence: u64) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(&sequence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_seen_from_its_first_attempt_is_known() {
        let failures = FirstFailures::new(2);
        let at = |second| Timestamp::from_second(second).expect("in range");
        assert_eq!(failures.failed(1, 1, at(10)), Some(at(10)));
        assert_eq!(failures.failed(1, 2, at(20)), Some(at(10)));
        assert_eq!(failures.failed(2, 3, at(30)), None, "another process saw the first");
        failures.forget(1);
        assert_eq!(failures.of(1), None);
        for sequence in 3..=5 {
            failures.failed(sequence, 1, at(40));
        }
        assert_eq!((failures.of(3), failures.of(5)), (None, Some(at(40))), "bounded");
    }
}

//! The messages of a stream, oldest first, within its limits.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::time::Duration;

use tokio::time::Instant;

use super::clock::after;
use crate::broker::StoredMessage;
use crate::broker::pattern::Pattern;
use crate::catalog::StreamLimits;

/// So many subjects are looked at one by one; of more, the whole log is.
const FEW: usize = 16;

/// Messages by sequence; where one was removed from between others, its place stays until they are gone.
#[derive(Debug)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
    /// The sequence of the next message.
    next: u64,
    /// Bytes of all entries.
    bytes: u64,
    /// The sequences on each subject, so that finding some needs no scan of all messages.
    by_subject: BTreeMap<Box<str>, VecDeque<u64>>,
    max_age: Option<Duration>,
    max_bytes: Option<u64>,
    /// Messages that are kept of each subject; then nothing is removed for its size.
    history: Option<usize>,
}

#[derive(Debug)]
struct Entry {
    /// None once it was removed.
    message: Option<StoredMessage>,
    stored: Instant,
    bytes: u64,
}

impl Log {
    /// A log without messages and limits.
    pub(super) fn new() -> Self {
        Self {
            entries: VecDeque::new(),
            next: 1,
            bytes: 0,
            by_subject: BTreeMap::new(),
            max_age: None,
            max_bytes: None,
            history: None,
        }
    }

    /// Changes the limits; [`pop_excess`](Self::pop_excess) enforces them.
    pub(super) fn set_limits(&mut self, limits: &StreamLimits, history: Option<usize>) {
        self.history = history;
        self.max_age = limits.max_age;
        self.max_bytes = limits.max_bytes;
    }

    /// How long messages are kept.
    pub(super) fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// The sequence that the next message gets.
    pub(super) fn next_sequence(&self) -> u64 {
        self.next
    }

    /// Stores a message, which must have the [next sequence](Self::next_sequence).
    pub(super) fn append(&mut self, message: StoredMessage, bytes: u64, now: Instant) {
        match self.by_subject.get_mut(message.subject.as_str()) {
            Some(sequences) => sequences.push_back(self.next),
            None => {
                let sequences = VecDeque::from([self.next]);
                self.by_subject.insert(message.subject.as_str().into(), sequences);
            }
        }
        self.next += 1;
        self.bytes += bytes;
        self.entries.push_back(Entry { message: Some(message), stored: now, bytes });
    }

    /// Removes the oldest message if it is too old or the log too large, and returns its sequence.
    pub(super) fn pop_excess(&mut self, now: Instant) -> Option<u64> {
        let too_large =
            self.history.is_none() && self.max_bytes.is_some_and(|limit| self.bytes > limit);
        if !too_large && self.oldest_expires()? > now {
            return None;
        }
        let oldest = self.first_sequence();
        self.remove(oldest);
        Some(oldest)
    }

    /// Whether a bucket has no room for a message: it makes some only by what the message takes the place of.
    pub(super) fn is_full_for(&self, subject: &str, bytes: u64) -> bool {
        let (Some(history), Some(limit)) = (self.history, self.max_bytes) else { return false };
        let replaced = self.by_subject.get(subject).filter(|on| on.len() >= history);
        let replaced = replaced.and_then(|on| self.entries.get(self.index(*on.front()?)?));
        self.bytes + bytes >= limit && replaced.is_none_or(|entry| entry.bytes <= bytes)
    }

    /// The oldest message on a subject, if there are too many of them; more than one, where the last one `rolls_up`.
    pub(super) fn excess_on(&self, subject: &str, rolls_up: bool) -> Option<u64> {
        let kept = if rolls_up { 1 } else { self.history? };
        let sequences = self.by_subject.get(subject)?;
        sequences.front().filter(|_| sequences.len() > kept).copied()
    }

    /// Removes a message; returns whether there was one.
    pub(super) fn remove(&mut self, sequence: u64) -> bool {
        let Some(entry) = self.index(sequence).and_then(|index| self.entries.get_mut(index)) else {
            return false;
        };
        let Some(message) = entry.message.take() else { return false };
        self.bytes -= entry.bytes;
        let subject = message.subject.as_str();
        if let Some(sequences) = self.by_subject.get_mut(subject) {
            if let Ok(index) = sequences.binary_search(&sequence) {
                sequences.remove(index);
            }
            if sequences.is_empty() {
                self.by_subject.remove(subject);
            }
        }
        while self.entries.front().is_some_and(|entry| entry.message.is_none()) {
            self.entries.pop_front();
        }
        true
    }

    /// When the oldest message will be too old.
    pub(super) fn oldest_expires(&self) -> Option<Instant> {
        Some(after(self.entries.front()?.stored, self.max_age?))
    }

    /// The message with a sequence, unless it has been removed.
    pub(super) fn get(&self, sequence: u64) -> Option<&StoredMessage> {
        self.entries.get(self.index(sequence)?)?.message.as_ref()
    }

    /// The sequence of the last message on a subject, 0 for none.
    pub(super) fn last_on(&self, subject: &str) -> u64 {
        self.by_subject.get(subject).and_then(VecDeque::back).copied().unwrap_or(0)
    }

    /// The sequence of the last message on the subjects that the filter matches, 0 for none.
    pub(super) fn last_of(&self, filter: &Pattern) -> u64 {
        match filter.as_literal() {
            Some(subject) => self.last_on(subject),
            None => self.on(filter).filter_map(VecDeque::back).copied().max().unwrap_or(0),
        }
    }

    /// The messages with a sequence of at least `from` that the filter matches.
    pub(super) fn all_of<'a>(
        &'a self,
        filter: &'a Pattern,
        from: u64,
    ) -> impl Iterator<Item = &'a StoredMessage> {
        let few: Vec<_> = self.on(filter).take(FEW + 1).collect();
        let scan = few.len() > FEW;
        let whole = scan.then(|| self.from(from)).into_iter().flatten();
        let whole = whole.filter(|message| filter.matches(&message.subject));
        let behind = |on: &VecDeque<u64>| on.partition_point(|sequence| *sequence < from);
        let few = few.into_iter().filter(|_| !scan);
        let mut sequences: Vec<u64> = few.flat_map(|on| on.range(behind(on)..)).copied().collect();
        sequences.sort_unstable();
        whole.chain(sequences.into_iter().filter_map(|sequence| self.get(sequence)))
    }

    /// The sequences on each subject that the filter matches.
    fn on<'a>(&'a self, filter: &'a Pattern) -> impl Iterator<Item = &'a VecDeque<u64>> {
        let known = filter.known();
        let range = (Bound::Included(known), Bound::Unbounded);
        let near = self.by_subject.range::<str, _>(range);
        near.take_while(move |(subject, _)| subject.starts_with(known))
            .filter(|(subject, _)| filter.matches(subject))
            .map(|(_, sequences)| sequences)
    }

    /// The messages with a sequence of at least `from`.
    pub(super) fn from(&self, from: u64) -> impl Iterator<Item = &StoredMessage> {
        let skipped = usize::try_from(from.saturating_sub(self.first_sequence()));
        let start = skipped.unwrap_or(usize::MAX).min(self.entries.len());
        self.entries.range(start..).filter_map(|entry| entry.message.as_ref())
    }

    /// The first message with a sequence of at least `from` that the filter matches.
    pub(super) fn find(&self, filter: &Pattern, from: u64) -> Option<&StoredMessage> {
        let Some(subject) = filter.as_literal() else {
            let few: Vec<_> = self.on(filter).take(FEW + 1).collect();
            if few.len() > FEW {
                return self.from(from).find(|message| filter.matches(&message.subject));
            }
            let first = |on: &VecDeque<u64>| {
                on.get(on.partition_point(|sequence| *sequence < from)).copied()
            };
            return self.get(few.into_iter().filter_map(first).min()?);
        };
        let sequences = self.by_subject.get(subject)?;
        let found = sequences.partition_point(|sequence| *sequence < from);
        self.get(*sequences.get(found)?)
    }

    /// How many messages there are that the filter matches.
    pub(super) fn count(&self, filter: &Pattern) -> u64 {
        self.on(filter).map(|sequences| sequences.len() as u64).sum()
    }

    fn index(&self, sequence: u64) -> Option<usize> {
        usize::try_from(sequence.checked_sub(self.first_sequence())?).ok()
    }

    fn first_sequence(&self) -> u64 {
        self.next - self.entries.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::Timestamp;

    use super::*;
    use crate::message::headers::Headers;

    const SECOND: Duration = Duration::from_secs(1);

    /// One message a second, of ten bytes each, on these subjects; and the time of the last one.
    fn log(subjects: &[&str]) -> (Log, Instant) {
        let mut log = Log::new();
        let mut now = Instant::now();
        for subject in subjects {
            now += SECOND;
            let message = StoredMessage {
                subject: (*subject).into(),
                headers: Headers::new(),
                payload: Bytes::new(),
                sequence: log.next_sequence(),
                time: Timestamp::UNIX_EPOCH,
            };
            log.append(message, 10, now);
        }
        (log, now)
    }

    fn sequences(log: &Log) -> Vec<u64> {
        log.from(0).map(|message| message.sequence).collect()
    }

    #[test]
    fn the_oldest_messages_go_when_they_are_too_old() {
        let (mut log, now) = log(&["a", "b", "a"]);
        log.max_age = Some(10 * SECOND);
        assert_eq!(log.pop_excess(now + 7 * SECOND), None);
        assert_eq!(log.oldest_expires(), Some(now + 8 * SECOND));
        assert_eq!(log.pop_excess(now + 8 * SECOND), Some(1));
        assert_eq!(log.pop_excess(now + 8 * SECOND), None);
        assert_eq!(sequences(&log), [2, 3]);
    }

    #[test]
    fn the_oldest_messages_go_when_the_log_is_too_large() {
        let (mut log, now) = log(&["a", "b", "a"]);
        log.max_bytes = Some(20);
        assert_eq!(log.pop_excess(now), Some(1));
        assert_eq!(log.pop_excess(now), None);
        log.max_bytes = Some(9);
        while log.pop_excess(now).is_some() {}
        assert_eq!((sequences(&log), log.bytes), (vec![], 0), "a message above the limit goes too");
        assert_eq!(log.next_sequence(), 4, "sequences are not used twice");
        assert!(log.by_subject.is_empty(), "what is gone takes no memory");
    }

    #[test]
    fn a_message_can_be_removed_from_between_others() {
        let (mut log, now) = log(&["a", "b", "a"]);
        assert_eq!((log.remove(2), log.remove(2), log.remove(9)), (true, false, false));
        assert_eq!((sequences(&log), log.bytes, log.last_on("b")), (vec![1, 3], 20, 0));
        log.max_bytes = Some(10);
        assert_eq!((log.pop_excess(now), log.pop_excess(now)), (Some(1), None));
        assert_eq!(
            (sequences(&log), log.entries.len()),
            (vec![3], 1),
            "its place is gone with them"
        );
        assert!(log.remove(3));
        assert_eq!((log.get(3).is_none(), log.next_sequence()), (true, 4));
    }

    #[test]
    fn messages_are_found_by_subject_and_sequence() {
        let (mut log, now) = log(&["a.x", "b.x", "a.x", "b.y", "a.x"]);
        log.max_bytes = Some(40);
        assert_eq!(log.pop_excess(now), Some(1));
        for (filter, from, expected) in [
            ("a.x", 0, Some(3)),
            ("a.x", 3, Some(3)),
            ("a.x", 4, Some(5)),
            ("a.x", 6, None),
            ("a.x", u64::MAX, None),
            ("a.y", 0, None),
            ("*.x", 0, Some(2)),
            ("b.*", 3, Some(4)),
            (">", 5, Some(5)),
            (">", 6, None),
            (">", u64::MAX, None),
        ] {
            let filter = Pattern::parse(filter).expect("a pattern");
            let found = log.find(&filter, from).map(|message| message.sequence);
            assert_eq!(found, expected, "{} from {from}", filter.as_str());
        }
        for (filter, from, expected) in [
            ("a.x", 0, &[3, 5][..]),
            ("b.*", 0, &[2, 4]),
            ("*.x", 3, &[3, 5]),
            (">", 4, &[4, 5]),
            ("c.>", 0, &[]),
        ] {
            let filter = Pattern::parse(filter).expect("a pattern");
            let found: Vec<u64> = log.all_of(&filter, from).map(|one| one.sequence).collect();
            assert_eq!(found, expected, "{} from {from}", filter.as_str());
            assert_eq!(log.last_of(&filter), expected.last().copied().unwrap_or(0));
        }
        assert_eq!((log.last_on("a.x"), log.last_on("a.y")), (5, 0));
        assert_eq!(
            (log.get(1).is_none(), log.get(2).is_some(), log.get(6).is_none()),
            (true, true, true)
        );
    }
}

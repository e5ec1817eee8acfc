//! What a durable consumer has been handed and what it has settled. It knows no clock: every step is told the time.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::clock::after;
use crate::broker::pattern::Pattern;

/// What may change while a consumer lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    /// What it reads; everything, if there are none.
    pub filters: Vec<Pattern>,
    /// How long a delivery may stay unsettled before it is handed out again.
    pub ack_wait: Duration,
    /// How many deliveries may be unsettled before no new message is handed out.
    pub max_ack_pending: usize,
}

/// A durable consumer: each message it reads is pending, then unsettled, then forgotten.
#[derive(Debug)]
pub(super) struct Consumer {
    settings: Settings,
    /// What lies before it was handed out or passed over, and new filters do not bring it back.
    cursor: u64,
    /// Never handed out.
    pending: VecDeque<u64>,
    /// Handed out and not settled.
    unsettled: HashMap<u64, Unsettled>,
    /// When each unsettled one is to be handed out again.
    deadlines: BTreeSet<(Instant, u64)>,
    /// When something was handed out last.
    last_delivery: Option<Instant>,
}

#[derive(Debug)]
struct Unsettled {
    attempt: u64,
    deadline: Instant,
}

/// A message that is handed out no more, although nobody has acknowledged it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GivenUp {
    pub(super) sequence: u64,
    pub(super) deliveries: u64,
}

/// When there is something to hand out, as things stand; sooner is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    Now,
    At(Instant),
    Never,
}

impl Consumer {
    /// A consumer of what comes at or after the cursor; [`offer`](Self::offer) it what is there already.
    pub(super) fn new(settings: Settings, cursor: u64) -> Self {
        Self {
            settings,
            cursor,
            pending: VecDeque::new(),
            unsettled: HashMap::new(),
            deadlines: BTreeSet::new(),
            last_delivery: None,
        }
    }

    /// As things stand.
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Takes new settings, which hold for unsettled deliveries too. After a change of the filters nothing is pending:
    /// the caller offers every message from the returned sequence on.
    pub(super) fn configure(&mut self, settings: Settings, now: Instant) -> Option<u64> {
        let old = std::mem::replace(&mut self.settings, settings);
        if old.ack_wait != self.settings.ack_wait {
            self.reschedule(old.ack_wait, now);
        }
        (old.filters != self.settings.filters).then(|| {
            self.pending.clear();
            self.cursor
        })
    }

    /// A message of the stream, in the order of their sequences.
    pub(super) fn offer(&mut self, sequence: u64, subject: &str) {
        let filters = &self.settings.filters;
        if filters.is_empty() || filters.iter().any(|filter| filter.matches(subject)) {
            self.pending.push_back(sequence);
        }
    }

    /// The message was removed from the stream: it can be handed out no more.
    pub(super) fn forget(&mut self, sequence: u64) {
        if let Ok(index) = self.pending.binary_search(&sequence) {
            self.pending.remove(index);
        }
        self.settle(sequence);
    }

    /// Hands out a message, the overdue before the new: its sequence and which attempt this is. `end` is the sequence
    /// that the stream's next message will have.
    pub(super) fn next(&mut self, end: u64, now: Instant) -> Option<(u64, u64)> {
        let sequence = match self.deadlines.first() {
            Some(&(deadline, sequence)) if deadline <= now => sequence,
            _ => self.next_new(end)?,
        };
        Some((sequence, self.hand_out(sequence, now)))
    }

    /// Hands a message out, once more or for the first time, and says which attempt it is.
    pub(super) fn hand_out(&mut self, sequence: u64, now: Instant) -> u64 {
        let attempt = self.unsettled.get(&sequence).map_or(1, |delivery| delivery.attempt + 1);
        self.settle(sequence);
        let deadline = after(now, self.settings.ack_wait);
        self.unsettled.insert(sequence, Unsettled { attempt, deadline });
        self.deadlines.insert((deadline, sequence));
        self.last_delivery = Some(now);
        attempt
    }

    /// When [`next`](Self::next) has something to hand out.
    pub(super) fn due(&self) -> Due {
        if !self.pending.is_empty() && !self.is_full() {
            return Due::Now;
        }
        self.deadlines.first().map_or(Due::Never, |(deadline, _)| Due::At(*deadline))
    }

    /// Whether new messages have to wait until others are settled.
    pub(super) fn is_full(&self) -> bool {
        self.unsettled.len() >= self.settings.max_ack_pending
    }

    /// Acknowledged or terminated: never again. Nothing happens to what was settled before.
    pub(super) fn settle(&mut self, sequence: u64) {
        if let Some(delivery) = self.unsettled.remove(&sequence) {
            self.deadlines.remove(&(delivery.deadline, sequence));
        }
    }

    /// Terminated: never again. None where it was settled before.
    pub(super) fn give_up(&mut self, sequence: u64) -> Option<GivenUp> {
        let deliveries = self.unsettled.get(&sequence)?.attempt;
        self.settle(sequence);
        Some(GivenUp { sequence, deliveries })
    }

    /// Gives up what is to be handed out again by now, and has been as often as it may.
    pub(super) fn exhausted(&mut self, most: u64, now: Instant) -> Vec<GivenUp> {
        let overdue = self.deadlines.range(..=(now, u64::MAX)).map(|(_, sequence)| *sequence);
        let spent = |sequence: &u64| {
            self.unsettled.get(sequence).is_some_and(|delivery| delivery.attempt >= most)
        };
        let spent: Vec<u64> = overdue.filter(spent).collect();
        spent.into_iter().filter_map(|sequence| self.give_up(sequence)).collect()
    }

    /// To be handed out again after `delay`.
    pub(super) fn retry(&mut self, sequence: u64, delay: Duration, now: Instant) {
        self.schedule(sequence, after(now, delay));
    }

    /// Starts the ack wait anew. It comes too late for an overdue delivery: that one is on its way out again.
    pub(super) fn progress(&mut self, sequence: u64, now: Instant) {
        if self.unsettled.get(&sequence).is_some_and(|delivery| delivery.deadline > now) {
            self.schedule(sequence, after(now, self.settings.ack_wait));
        }
    }

    /// How many messages were never handed out.
    pub(super) fn pending(&self) -> usize {
        self.pending.len()
    }

    /// How many were handed out and not settled.
    pub(super) fn unsettled(&self) -> usize {
        self.unsettled.len()
    }

    /// How many of them were handed out before.
    pub(super) fn redelivered(&self) -> usize {
        self.unsettled.values().filter(|delivery| delivery.attempt > 1).count()
    }

    /// When something was handed out last.
    pub(super) fn last_delivery(&self) -> Option<Instant> {
        self.last_delivery
    }

    fn next_new(&mut self, end: u64) -> Option<u64> {
        if self.is_full() {
            return None;
        }
        let sequence = self.pending.pop_front();
        self.cursor = sequence.map_or(end, |sequence| sequence + 1);
        sequence
    }

    fn schedule(&mut self, sequence: u64, deadline: Instant) {
        if let Some(delivery) = self.unsettled.get_mut(&sequence) {
            self.deadlines.remove(&(delivery.deadline, sequence));
            self.deadlines.insert((deadline, sequence));
            delivery.deadline = deadline;
        }
    }

    /// Moves the deadlines that a change of the ack wait moves: all but those that have passed.
    fn reschedule(&mut self, old_wait: Duration, now: Instant) {
        let new_wait = self.settings.ack_wait;
        let later = self.deadlines.range((now, u64::MAX)..).copied().collect::<Vec<_>>();
        for (deadline, sequence) in later {
            let moved = after(deadline, new_wait).checked_sub(old_wait).unwrap_or(now);
            self.schedule(sequence, moved);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::SECOND;
    use super::*;

    const ACK_WAIT: Duration = Duration::from_secs(30);
    /// The sequence that a test's next message would have.
    const END: u64 = 100;

    fn settings(filters: &[&str]) -> Settings {
        let filters = filters.iter().filter_map(|text| Pattern::parse(text)).collect();
        Settings { filters, ack_wait: ACK_WAIT, max_ack_pending: 3 }
    }

    /// A consumer of everything, with so many messages pending.
    fn consumer(pending: u64) -> (Consumer, Instant) {
        let mut consumer = Consumer::new(settings(&[]), 0);
        for sequence in 1..=pending {
            consumer.offer(sequence, "s.a");
        }
        (consumer, Instant::now())
    }

    #[test]
    fn messages_come_in_order_and_those_that_nobody_settles_come_again_before_new_ones() {
        let (mut consumer, start) = consumer(3);
        assert_eq!(consumer.next(END, start), Some((1, 1)));
        assert_eq!(consumer.next(END, start + SECOND), Some((2, 1)));
        let overdue = start + ACK_WAIT;
        assert_eq!(consumer.next(END, overdue), Some((1, 2)));
        assert_eq!(consumer.next(END, overdue), Some((3, 1)));
        assert_eq!(consumer.next(END, overdue), None);
        assert_eq!(consumer.due(), Due::At(overdue + SECOND));
        assert_eq!(consumer.next(END, overdue + SECOND), Some((2, 2)));
    }

    #[test]
    fn what_is_settled_never_comes_again() {
        type Late = fn(&mut Consumer, Instant);
        let afterwards: [Late; 4] = [
            |consumer, _| consumer.settle(1),
            |consumer, now| consumer.retry(1, Duration::ZERO, now),
            |consumer, now| consumer.progress(1, now),
            |consumer, _| consumer.forget(1),
        ];
        for (case, late) in afterwards.into_iter().enumerate() {
            for wait in [Duration::ZERO, ACK_WAIT] {
                let (mut consumer, start) = consumer(1);
                assert_eq!(consumer.next(END, start), Some((1, 1)));
                consumer.settle(1);
                late(&mut consumer, start + wait);
                assert_eq!(consumer.due(), Due::Never, "case {case} after {wait:?}");
                assert_eq!(consumer.unsettled(), 0, "case {case} after {wait:?}");
            }
        }
    }

    #[test]
    fn what_was_handed_out_as_often_as_it_may_be_is_given_up_once_it_is_overdue() {
        let (mut consumer, start) = consumer(2);
        assert_eq!(consumer.next(END, start), Some((1, 1)));
        assert_eq!(consumer.next(END, start + SECOND), Some((2, 1)));
        consumer.retry(1, Duration::ZERO, start);
        assert_eq!(consumer.next(END, start + SECOND), Some((1, 2)));
        let overdue = start + SECOND + ACK_WAIT;
        assert_eq!(consumer.exhausted(2, overdue - SECOND), []);
        assert_eq!(consumer.exhausted(2, overdue), [GivenUp { sequence: 1, deliveries: 2 }]);
        assert_eq!(consumer.exhausted(2, overdue), []);
        assert_eq!(consumer.next(END, overdue), Some((2, 2)));
        assert_eq!((consumer.give_up(1), consumer.unsettled()), (None, 1));
    }

    #[test]
    fn an_overdue_delivery_can_still_be_settled() {
        let (mut consumer, start) = consumer(1);
        assert_eq!(consumer.next(END, start), Some((1, 1)));
        consumer.settle(1);
        assert_eq!(consumer.next(END, start + ACK_WAIT), None);
    }

    #[test]
    fn a_retry_comes_after_its_delay_whatever_the_ack_wait() {
        for delay in [Duration::ZERO, SECOND, 2 * ACK_WAIT, Duration::MAX] {
            let (mut consumer, start) = consumer(1);
            assert_eq!(consumer.next(END, start), Some((1, 1)));
            consumer.retry(1, delay, start + SECOND);
            let due = after(start + SECOND, delay);
            assert_eq!(consumer.due(), Due::At(due), "{delay:?}");
            assert_eq!(consumer.next(END, due - Duration::from_nanos(1)), None, "{delay:?}");
            assert_eq!(consumer.next(END, due), Some((1, 2)), "{delay:?}");
            assert_eq!(consumer.due(), Due::At(due + ACK_WAIT), "{delay:?}");
        }
    }

    #[test]
    fn progress_starts_the_ack_wait_anew_unless_it_has_passed() {
        let (mut consumer, start) = consumer(1);
        assert_eq!(consumer.next(END, start), Some((1, 1)));
        let working = start + ACK_WAIT - SECOND;
        consumer.progress(1, working);
        assert_eq!(consumer.next(END, start + ACK_WAIT), None);
        consumer.progress(1, working + ACK_WAIT);
        assert_eq!(consumer.next(END, working + ACK_WAIT), Some((1, 2)));
    }

    #[test]
    fn at_the_limit_new_messages_wait_and_overdue_ones_do_not() {
        let (mut consumer, start) = consumer(5);
        for sequence in 1..=3 {
            assert_eq!(consumer.next(END, start), Some((sequence, 1)));
        }
        assert_eq!(consumer.next(END, start), None);
        assert_eq!((consumer.pending(), consumer.unsettled()), (2, 3));
        assert_eq!(consumer.due(), Due::At(start + ACK_WAIT));
        consumer.retry(2, SECOND, start);
        assert_eq!(consumer.next(END, start + SECOND), Some((2, 2)));
        assert_eq!(consumer.next(END, start + SECOND), None);
        consumer.settle(1);
        assert_eq!(consumer.due(), Due::Now);
        assert_eq!(consumer.next(END, start + SECOND), Some((4, 1)));
    }

    #[test]
    fn what_the_stream_removed_is_handed_out_no_more_and_makes_room() {
        let (mut consumer, start) = consumer(5);
        for sequence in 1..=3 {
            assert_eq!(consumer.next(END, start), Some((sequence, 1)));
        }
        for removed in 1..=4 {
            consumer.forget(removed);
        }
        assert_eq!((consumer.pending(), consumer.unsettled()), (1, 0));
        assert_eq!(consumer.next(END, start + ACK_WAIT), Some((5, 1)));
    }

    #[test]
    fn new_filters_read_on_from_where_the_old_ones_were() {
        let messages = [(1, "s.b"), (2, "s.a"), (3, "s.b"), (4, "s.a"), (5, "s.b")];
        for (handed_out, read_on_from) in [(0, 0), (1, 3), (2, 5), (3, END)] {
            let now = Instant::now();
            let mut consumer = Consumer::new(settings(&["s.a"]), 0);
            for (sequence, subject) in messages {
                consumer.offer(sequence, subject);
            }
            for _ in 0..handed_out {
                consumer.next(END, now);
            }
            let same = consumer.configure(settings(&["s.a"]), now);
            assert_eq!(same, None, "the same filters change nothing");
            let from = consumer.configure(settings(&["s.a", "s.b"]), now);
            assert_eq!(from, Some(read_on_from), "after {handed_out} pulls");
            assert_eq!(consumer.pending(), 0, "the caller offers them again");
        }
    }

    #[test]
    fn a_new_ack_wait_holds_for_what_is_not_overdue() {
        let (mut consumer, start) = consumer(2);
        assert_eq!(consumer.next(END, start), Some((1, 1)));
        assert_eq!(consumer.next(END, start + 2 * SECOND), Some((2, 1)));
        let longer = Settings { ack_wait: 2 * ACK_WAIT, ..settings(&[]) };
        consumer.configure(longer, start + ACK_WAIT);
        assert_eq!(consumer.next(END, start + ACK_WAIT), Some((1, 2)));
        assert_eq!(consumer.due(), Due::At(start + 2 * SECOND + 2 * ACK_WAIT));
        consumer.configure(Settings { ack_wait: SECOND, ..settings(&[]) }, start + ACK_WAIT);
        assert_eq!(consumer.due(), Due::At(start + 3 * SECOND));
    }
}

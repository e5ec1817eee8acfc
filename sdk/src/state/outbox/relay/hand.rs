//! The rows that a relay has in hand: which of them may be sent, and what it need not read meanwhile.

use std::collections::{HashMap, HashSet, VecDeque};

use tokio::time::Instant;

use crate::outbox::row::Waiting;

/// With so many rows waiting in hand, a lane is full: no more of it are read, so that a busy key leaves room for others.
const FULL: usize = 32;
/// With fewer than so many, more of a lane that was full are read.
const LOW: usize = FULL / 2;

/// Rows in their lanes. Of each lane one is on its way at a time: with two, the second would come first when the first has
/// to be sent again.
#[derive(Debug, Default)]
pub(super) struct Hand {
    lanes: HashMap<i64, Lane>,
    /// Lanes whose next row may be sent.
    ready: VecDeque<i64>,
    /// Lanes whose next row may be sent later.
    later: Vec<(Instant, i64)>,
    /// Rows that are not on their way.
    rows: usize,
    /// Rows whose fate is not written down yet: the database still has them.
    open: HashSet<i64>,
    /// A lane that was full may have more rows, and is low.
    is_hungry: bool,
}

/// What a relay has, and need not read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Rows.
    pub(super) rows: Vec<i64>,
    /// Lanes that have enough.
    pub(super) lanes: Vec<i64>,
}

#[derive(Debug)]
struct Lane {
    stream: &'static str,
    shard: i64,
    rows: VecDeque<Waiting>,
    /// One of its rows is on its way, or looked for in its stream.
    out: bool,
    /// Rows whose fate is not written down yet. A lane that has none is gone.
    unwritten: usize,
    /// It was full when others were read last, so there may be more of it.
    has_more: bool,
}

impl Hand {
    /// Takes rows in. One that was committed late comes before those behind it that are not on their way yet.
    pub(super) fn take(&mut self, rows: Vec<Waiting>) {
        for row in rows {
            if !self.open.insert(row.id) {
                continue;
            }
            let lane = self.lanes.entry(row.lane).or_insert_with(|| Lane {
                stream: row.stream,
                shard: row.shard,
                rows: VecDeque::new(),
                out: false,
                unwritten: 0,
                has_more: false,
            });
            if lane.rows.is_empty() && !lane.out {
                self.ready.push_back(row.lane);
            }
            lane.unwritten += 1;
            lane.insert(row);
            self.rows += 1;
        }
    }

    /// The next row that may be sent. Its lane waits until it is told what became of it.
    pub(super) fn next(&mut self, now: Instant) -> Option<Waiting> {
        if !self.later.is_empty() {
            let ready = &mut self.ready;
            self.later.retain(|(due, lane)| {
                let wait = *due > now;
                if !wait {
                    ready.push_back(*lane);
                }
                wait
            });
        }
        while let Some(key) = self.ready.pop_front() {
            // It may have been let go of meanwhile.
            let lane = self.lanes.get_mut(&key).filter(|lane| !lane.out);
            if let Some((lane, row)) =
                lane.and_then(|lane| lane.rows.pop_front().map(|row| (lane, row)))
            {
                lane.out = true;
                self.is_hungry |= lane.has_more && lane.rows.len() < LOW;
                self.rows -= 1;
                return Some(row);
            }
        }
        None
    }

    /// A row's fate is known: its lane goes on.
    pub(super) fn settled(&mut self, lane: i64) {
        if let Some(found) = self.lanes.get_mut(&lane) {
            found.out = false;
            if !found.rows.is_empty() {
                self.ready.push_back(lane);
            }
        }
    }

    /// A row was not sent, or not heard of: it is the next of its lane again, now or later.
    pub(super) fn put_back(&mut self, row: Waiting, due: Option<Instant>) {
        let key = row.lane;
        if let Some(lane) = self.lanes.get_mut(&key) {
            lane.out = false;
            lane.insert(row);
            self.rows += 1;
            match due {
                Some(due) => self.later.push((due, key)),
                None => self.ready.push_back(key),
            }
        }
    }

    /// A row that was out is left to be read again, and with it what comes behind it, which is returned.
    pub(super) fn forget(&mut self, row: &Waiting) -> Vec<Waiting> {
        let mut gone = Vec::new();
        if let Some(lane) = self.lanes.get_mut(&row.lane) {
            lane.out = false;
            lane.unwritten -= lane.rows.len();
            gone.extend(lane.rows.drain(..));
        }
        for row in &gone {
            self.open.remove(&row.id);
        }
        self.rows -= gone.len();
        self.written(row.id, row.lane);
        gone
    }

    /// The fate of a row is written down.
    pub(super) fn written(&mut self, id: i64, lane: i64) {
        self.open.remove(&id);
        if let Some(found) = self.lanes.get_mut(&lane) {
            found.unwritten -= 1;
            if found.unwritten == 0 {
                self.lanes.remove(&lane);
            }
        }
    }

    /// Lets go of rows that are not on their way, in lanes of these streams and shards, and returns them.
    pub(super) fn let_go(&mut self, which: impl Fn(&str, i64) -> bool) -> Vec<Waiting> {
        let mut gone = Vec::new();
        self.lanes.retain(|_, lane| {
            if which(lane.stream, lane.shard) {
                lane.unwritten -= lane.rows.len();
                gone.extend(lane.rows.drain(..));
            }
            lane.unwritten > 0
        });
        for row in &gone {
            self.open.remove(&row.id);
        }
        self.rows -= gone.len();
        gone
    }

    /// What need not be read, once these are written down. Whoever asks is going to read: lanes that are full are noted as
    /// such, until they are read themselves.
    pub(super) fn known_without(&mut self, written: &HashSet<i64>) -> Known {
        self.is_hungry = false;
        let rows = self.open.difference(written).copied().collect();
        let mut lanes = Vec::new();
        for (key, lane) in &mut self.lanes {
            lane.has_more = lane.rows.len() >= FULL;
            if lane.has_more {
                lanes.push(*key);
            }
        }
        Known { rows, lanes }
    }

    /// Whether a lane that was full when rows were read last has become low.
    pub(super) fn is_hungry(&self) -> bool {
        self.is_hungry
    }

    /// Whether there is a row of this shard, on its way or not.
    pub(super) fn has(&self, shard: i64) -> bool {
        self.lanes.values().any(|lane| lane.shard == shard)
    }

    /// Rows that are not on their way.
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// When the next lane that waits may go on.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.later.iter().map(|(due, _)| *due).min()
    }
}

impl Lane {
    /// Puts a row in its place by its number, which is nearly always the end or the beginning.
    fn insert(&mut self, row: Waiting) {
        let place = self.rows.iter().rposition(|before| before.id < row.id);
        self.rows.insert(place.map_or(0, |place| place + 1), row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, lane: i64) -> Waiting {
        Waiting {
            id,
            lane,
            shard: lane % 2,
            event_id: id.to_string(),
            event_type: "a.b".to_owned(),
            stream: "A",
            messages: Ok(Vec::new()),
            stored: Instant::now(),
            suspect: false,
        }
    }

    fn next(hand: &mut Hand) -> Option<i64> {
        hand.next(Instant::now()).map(|row| row.id)
    }

    #[tokio::test(start_paused = true)]
    async fn of_each_lane_one_is_out_at_a_time_and_lanes_do_not_wait_for_each_other() {
        let mut hand = Hand::default();
        hand.take(vec![row(1, 10), row(2, 10), row(3, 11)]);
        let first = hand.next(Instant::now()).expect("there is one");
        assert_eq!((first.id, next(&mut hand), next(&mut hand)), (1, Some(3), None));
        let later = Instant::now() + std::time::Duration::from_secs(1);
        hand.put_back(first, Some(later));
        assert_eq!((next(&mut hand), hand.next_due()), (None, Some(later)));
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        assert_eq!((next(&mut hand), next(&mut hand)), (Some(1), None));
        hand.settled(10);
        assert_eq!(next(&mut hand), Some(2));
    }

    fn sorted(mut ids: Vec<i64>) -> Vec<i64> {
        ids.sort_unstable();
        ids
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_in_hand_is_not_read_again_until_it_is_written_down() {
        let mut hand = Hand::default();
        hand.take(vec![row(1, 10), row(2, 10), row(3, 11)]);
        hand.take(vec![row(2, 10)]);
        assert_eq!(hand.len(), 3, "each once");
        while let Some(row) = hand.next(Instant::now()) {
            hand.settled(row.lane);
        }
        let known = hand.known_without(&HashSet::from([1, 3]));
        assert_eq!((known.rows, known.lanes), (vec![2], vec![]));
        for (id, lane) in [(1, 10), (2, 10), (3, 11)] {
            hand.written(id, lane);
        }
        assert_eq!(hand.known_without(&HashSet::new()), Known::default());
        assert!(!hand.has(0) && !hand.has(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_with_many_rows_leaves_room_for_others_and_is_read_again_when_it_runs_low() {
        let mut hand = Hand::default();
        let full = i64::try_from(FULL).expect("small");
        hand.take((0..full).map(|id| row(id, 10)).chain([row(full, 11)]).collect());
        let known = hand.known_without(&HashSet::new());
        assert_eq!((sorted(known.rows), known.lanes), ((0..=full).collect(), vec![10]));
        while hand.len() >= LOW {
            assert!(!hand.is_hungry());
            let row = hand.next(Instant::now()).expect("there are more");
            hand.settled(row.lane);
        }
        assert!(hand.is_hungry());
        assert!(hand.known_without(&HashSet::new()).lanes.is_empty() && !hand.is_hungry());
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_behind_a_row_that_is_left_to_be_read_again_is_too() {
        let mut hand = Hand::default();
        hand.take(vec![row(1, 10), row(2, 10), row(3, 11), row(4, 10)]);
        let out = hand.next(Instant::now()).expect("there is one");
        let gone = hand.forget(&out);
        assert_eq!(gone.iter().map(|row| row.id).collect::<Vec<_>>(), [2, 4]);
        assert_eq!((next(&mut hand), next(&mut hand)), (Some(3), None));
        assert_eq!(hand.known_without(&HashSet::new()).rows, [3]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_committed_late_comes_before_what_is_behind_it() {
        let mut hand = Hand::default();
        hand.take(vec![row(2, 10), row(5, 10)]);
        let out = hand.next(Instant::now()).expect("there is one");
        hand.take(vec![row(1, 10), row(3, 10), row(7, 10)]);
        hand.put_back(out, None);
        let mut order = Vec::new();
        while let Some(row) = hand.next(Instant::now()) {
            order.push(row.id);
            hand.settled(row.lane);
        }
        assert_eq!(order, [1, 2, 3, 5, 7]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_let_go_of_is_not_sent_and_what_is_out_stays_out() {
        let mut hand = Hand::default();
        hand.take(vec![row(1, 10), row(2, 10), row(3, 11)]);
        let out = hand.next(Instant::now()).expect("there is one");
        let gone = hand.let_go(|_, shard| shard == 0);
        assert_eq!(gone.iter().map(|row| row.id).collect::<Vec<_>>(), [2]);
        assert_eq!((next(&mut hand), next(&mut hand), hand.len()), (Some(3), None, 0));
        assert!(hand.has(0), "one is on its way");
        hand.forget(&out);
        assert!(!hand.has(0));
    }
}

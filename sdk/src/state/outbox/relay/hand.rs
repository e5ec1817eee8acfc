//! The rows that a relay has in hand: which of them may be sent, and which lanes it need not read meanwhile.

use std::collections::{HashMap, VecDeque};

use tokio::time::Instant;

use crate::outbox::row::Waiting;

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
}

#[derive(Debug)]
struct Lane {
    stream: &'static str,
    shard: i64,
    rows: VecDeque<Waiting>,
    /// One of its rows is on its way, or looked for in its stream.
    out: bool,
    /// Rows whose fate is not written down yet. A lane that has none can be read again.
    unwritten: usize,
}

impl Hand {
    /// Takes rows in, in the order in which they were read.
    pub(super) fn take(&mut self, rows: Vec<Waiting>) {
        for row in rows {
            let lane = self.lanes.entry(row.lane).or_insert_with(|| Lane {
                stream: row.stream,
                shard: row.shard,
                rows: VecDeque::new(),
                out: false,
                unwritten: 0,
            });
            if lane.rows.is_empty() && !lane.out {
                self.ready.push_back(row.lane);
            }
            lane.unwritten += 1;
            lane.rows.push_back(row);
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
            lane.rows.push_front(row);
            self.rows += 1;
            match due {
                Some(due) => self.later.push((due, key)),
                None => self.ready.push_back(key),
            }
        }
    }

    /// A row that was out is left to be read again.
    pub(super) fn forget(&mut self, row: &Waiting) {
        if let Some(lane) = self.lanes.get_mut(&row.lane) {
            lane.out = false;
        }
        self.written(row.lane);
    }

    /// The fate of one of a lane's rows is written down.
    pub(super) fn written(&mut self, lane: i64) {
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
        self.rows -= gone.len();
        gone
    }

    /// The lanes that have rows whose fate is not written down, once this is: so many of each of these.
    pub(super) fn lanes_without(&self, written: &HashMap<i64, usize>) -> Vec<i64> {
        let open = |(key, lane): &(&i64, &Lane)| {
            written.get(*key).is_none_or(|written| *written < lane.unwritten)
        };
        self.lanes.iter().filter(open).map(|(key, _)| *key).collect()
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

    #[tokio::test(start_paused = true)]
    async fn a_lane_can_be_read_again_once_all_that_was_read_of_it_is_written_down() {
        let mut hand = Hand::default();
        hand.take(vec![row(1, 10), row(2, 10), row(3, 11)]);
        while let Some(row) = hand.next(Instant::now()) {
            hand.settled(row.lane);
        }
        let mut lanes = hand.lanes_without(&HashMap::from([(10, 1), (11, 1)]));
        assert_eq!(lanes, [10]);
        lanes = hand.lanes_without(&HashMap::from([(10, 2), (11, 1)]));
        assert!(lanes.is_empty());
        for lane in [10, 10, 11] {
            hand.written(lane);
        }
        assert!(hand.lanes_without(&HashMap::new()).is_empty());
        assert!(!hand.has(0) && !hand.has(1));
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

//! The deliveries that a consumer has in hand: those at work, and those that wait for a slot.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::task::coop::has_budget_remaining;
use tokio::time::Instant;

use super::acknowledgement::Failed;
use super::ahead::{Ahead, Held};
use super::apart::Apart;
use super::hand::Hand;
use super::health::Changes;
use super::lane::Lanes;
use super::report::Report;
use super::task;
use super::worker::Worker;
use crate::broker::{ConsumerSpec, Delivery, Pull};

/// So many are begun with, as a rule, before it is looked whether the run is to end.
const AT_ONCE: usize = 64;
/// So many hands are kept that have nothing to do, some kilobytes each.
const SPARE: usize = 64;
/// How long what was fetched ahead may take at the end.
const REST: Duration = Duration::from_millis(100);

pub(super) struct Hands {
    pub(super) worker: Arc<Worker>,
    concurrency: usize,
    lanes: Option<Lanes>,
    ahead: Ahead,
    failed: Failed,
    /// Acknowledgements that are sent again.
    again: JoinSet<()>,
    tasks: JoinSet<Option<Hand>>,
    /// Those that have nothing to do.
    spare: Vec<Hand>,
    apart: Apart,
    /// How many may be begun with, as it was seen last.
    room: usize,
}

impl Hands {
    pub(super) fn new(worker: Worker, failed: Failed, consumer: &ConsumerSpec) -> Self {
        // Of a partition, no more than one event is out at a time.
        let lanes = worker.spec.ordered_by_key && worker.spec.partitions.is_empty();
        Self {
            worker: Arc::new(worker),
            concurrency: consumer.concurrency.max(1),
            lanes: lanes.then(Lanes::default),
            ahead: Ahead::new(consumer),
            failed,
            again: JoinSet::new(),
            tasks: JoinSet::new(),
            spare: Vec::new(),
            apart: Apart::new(),
            room: 0,
        }
    }

    /// Holds a delivery that came then.
    pub(super) fn hold(&mut self, delivery: Box<Delivery>, came: Instant) {
        self.ahead.hold(Held { delivery, signed: came });
    }

    /// How many more deliveries are wanted.
    pub(super) fn wanted(&mut self, changes: &mut Changes) -> usize {
        // Repairs are done one at a time, and wait where they are.
        let in_haste = changes.fares_well() && !self.worker.redrives;
        let ahead = if in_haste { self.ahead.worthwhile() } else { 0 };
        // Last, as nobody is told any more of what has changed before it is asked for.
        self.room = changes.room(self.concurrency, self.tasks.len());
        (self.room + ahead).saturating_sub(self.ahead.len())
    }

    /// Begins with what has arrived, as far as there is room.
    pub(super) fn begin(&mut self, changes: &mut Changes) {
        let mut begun = Instant::now();
        for _ in 0..AT_ONCE {
            let has_room = changes.room(self.concurrency, self.tasks.len()) > 0;
            // Where the turn is used up, no step would come far: each would get a task. The next turn comes soon.
            if self.ahead.is_empty() || !has_room || !has_budget_remaining() {
                return;
            }
            let Some(held) = self.ahead.take() else { return };
            let apart = self.apart.next();
            self.begin_with(held, apart);
            let now = Instant::now();
            if !apart {
                self.apart.took(now - begun, !self.ahead.is_empty());
            }
            begun = now;
        }
    }

    /// Begins with a delivery, in a task of its own or in place.
    fn begin_with(&mut self, held: Held, apart: bool) {
        let received = self.worker.receive(held);
        // Its place in the lane is taken here, in the order of the deliveries.
        let turn = self.lanes.as_mut().map(|lanes| lanes.enter(received.lane_key()));
        let mut hand = self.spare.pop().unwrap_or_else(|| Hand::new(&self.worker));
        hand.give((received, turn));
        if !apart && hand.step() {
            self.ended(Some(hand));
            return;
        }
        self.tasks.spawn(async { Some(hand.finish().await) });
    }

    /// A delivery was dealt with, by this hand where it was one.
    fn ended(&mut self, hand: Option<Hand>) {
        self.ahead.ended(1);
        if self.spare.len() < SPARE {
            self.spare.extend(hand);
        }
    }

    /// Returns once there may be something to begin with, or other things are wanted. Safe to cancel.
    pub(super) async fn changed(&mut self) {
        let goes_on = self.room > 0 && !self.ahead.is_empty();
        tokio::select! {
            biased;
            Some(ended) = self.tasks.join_next() => {
                self.ended(ended.ok().flatten());
                while let Some(ended) = self.tasks.try_join_next() {
                    self.ended(ended.ok().flatten());
                }
            }
            Some(acknowledgement) = self.failed.recv() => {
                self.again.spawn(acknowledgement.again());
            }
            Some(_) = self.again.join_next() => {}
            () = self.ahead.signs() => {}
            () = tokio::task::yield_now(), if goes_on => {}
        }
    }

    /// Takes no more, and settles everything.
    pub(super) async fn end(mut self, pull: Pull, changes: &mut Changes) -> Report {
        let quick = self.ahead.in_time(REST);
        let left = pull.stop().await;
        let now = Instant::now();
        left.into_iter().for_each(|delivery| self.hold(delivery, now));
        // What takes so little is handled: to give it back would spend an attempt of each.
        if self.ahead.len() <= quick {
            // Where it takes longer after all, so be it.
            let _ = tokio::time::timeout(REST, self.handle_rest(changes)).await;
        }
        self.room = 0;
        // Another instance can have the others at once. Where order counts, only after what is before it.
        if self.lanes.is_some() {
            self.settled().await;
        }
        for held in self.ahead.rest() {
            let worker = Arc::clone(&self.worker);
            self.tasks.spawn(async move {
                task::hand_back(&worker, worker.receive(held)).await;
                None
            });
        }
        self.settled().await;
        if !self.worker.confirms {
            // With its answer, the broker has all that was sent before. Where there is none, it may deliver again.
            let _ = self.worker.bus.broker().ping().await;
        }
        self.worker.report()
    }

    async fn handle_rest(&mut self, changes: &mut Changes) {
        loop {
            self.begin(changes);
            if self.ahead.is_empty() {
                return;
            }
            self.room = changes.room(self.concurrency, self.tasks.len());
            tokio::select! {
                () = self.changed() => {}
                () = changes.changed() => {}
            }
        }
    }

    /// Returns once everything that was begun with is settled.
    async fn settled(&mut self) {
        let worker = Arc::clone(&self.worker);
        loop {
            let idle = self.tasks.is_empty() && self.again.is_empty();
            tokio::select! {
                biased;
                () = self.changed() => {}
                () = worker.acknowledgements.done(), if idle => break,
            }
        }
    }
}

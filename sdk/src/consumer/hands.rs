//! The deliveries that a consumer has in hand: those at work, and those that wait for a slot.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::task::{JoinSet, coop};
use tokio_util::sync::ReusableBoxFuture;

use super::acknowledgement::Failed;
use super::ahead::{Ahead, Held};
use super::health::Changes;
use super::lane::Lanes;
use super::report::{Outcome, Report};
use super::task;
use super::worker::Worker;
use crate::broker::{ConsumerSpec, Delivery, Pull};

/// A handler that needs longer than this for its first step gets a task of its own, and so do the next ones.
const SHORT: Duration = Duration::from_micros(20);
/// So many of them, before one is tried in place again.
const APART: usize = 32;
/// So many are begun before whatever else runs on this thread has its turn.
const AT_ONCE: usize = 64;
/// How long what was fetched ahead may take at the end.
const REST: Duration = Duration::from_millis(100);

pub(super) struct Hands {
    pub(super) worker: Arc<Worker>,
    concurrency: usize,
    lanes: Option<Lanes>,
    ahead: Ahead,
    failed: Failed,
    tasks: JoinSet<()>,
    /// Where a delivery's way begins, so that most need no memory of their own.
    place: Option<ReusableBoxFuture<'static, ()>>,
    /// So many deliveries get a task of their own at once.
    apart: usize,
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
            tasks: JoinSet::new(),
            place: None,
            apart: 0,
        }
    }

    pub(super) fn hold(&mut self, delivery: Delivery) {
        self.ahead.hold(Held::now(delivery));
    }

    /// How many more deliveries are wanted.
    pub(super) fn wanted(&mut self, changes: &mut Changes) -> usize {
        let free = changes.room(self.concurrency, self.tasks.len());
        let fares_well = changes.room(self.concurrency, 0) == self.concurrency;
        let ahead = if fares_well { self.ahead.worthwhile() } else { 0 };
        (free + ahead).saturating_sub(self.ahead.len())
    }

    /// Begins with what has arrived, as far as there are slots.
    pub(super) fn begin(&mut self) {
        for _ in 0..AT_ONCE {
            if self.is_full() {
                return;
            }
            let Some(held) = self.ahead.take() else { return };
            let way = way(&self.worker, self.lanes.as_mut(), held);
            let mut way = match self.place.take() {
                Some(mut place) => {
                    place.set(way);
                    place
                }
                None => ReusableBoxFuture::new(way),
            };
            if self.apart > 0 {
                self.apart -= 1;
            } else {
                // Most handlers are soon done, or soon wait for something. They need no task for that.
                let begun = Instant::now();
                let mut nobody = Context::from_waker(Waker::noop());
                let step = coop::unconstrained(&mut way).poll_unpin(&mut nobody);
                if begun.elapsed() > SHORT {
                    self.apart = APART;
                }
                if step == Poll::Ready(()) {
                    self.place = Some(way);
                    continue;
                }
            }
            self.tasks.spawn(way);
        }
    }

    /// Returns once there may be something to begin with, or other things are wanted. Safe to cancel.
    pub(super) async fn changed(&mut self) {
        let goes_on = !self.is_full() && !self.ahead.is_empty();
        tokio::select! {
            biased;
            Some(_) = self.tasks.join_next() => while self.tasks.try_join_next().is_some() {},
            Some(acknowledgement) = self.failed.recv() => {
                self.tasks.spawn(acknowledgement.again());
            }
            () = self.ahead.signs() => {}
            () = tokio::task::yield_now(), if goes_on => {}
        }
    }

    /// Takes no more, and settles everything.
    pub(super) async fn end(mut self, pull: Pull) -> Report {
        let quick = self.ahead.worthwhile();
        for delivery in pull.stop().await {
            self.hold(delivery);
        }
        // Where so many take but a moment, they are handled: to give them back would spend an attempt of each.
        if self.ahead.len() <= quick {
            // Where they take longer after all, so be it.
            let _ = tokio::time::timeout(REST, async {
                loop {
                    self.begin();
                    if self.ahead.is_empty() {
                        break;
                    }
                    self.changed().await;
                }
            })
            .await;
        }
        // Another instance can have the others at once. Where order counts, only after what is before it.
        if self.lanes.is_some() {
            self.settled().await;
        }
        for held in self.ahead.rest() {
            let worker = Arc::clone(&self.worker);
            self.tasks.spawn(async move { task::hand_back(&worker, worker.receive(held)).await });
        }
        self.settled().await;
        if !self.worker.confirms {
            // With its answer, the broker has all that was sent before. Where there is none, it may deliver again.
            let _ = self.worker.bus.broker().ping().await;
        }
        self.worker.report()
    }

    /// Returns once everything that was begun with is settled.
    async fn settled(&mut self) {
        let worker = Arc::clone(&self.worker);
        loop {
            tokio::select! {
                biased;
                Some(_) = self.tasks.join_next() => {}
                Some(acknowledgement) = self.failed.recv() => {
                    self.tasks.spawn(acknowledgement.again());
                }
                () = worker.acknowledgements.done(), if self.tasks.is_empty() => break,
            }
        }
    }

    fn is_full(&self) -> bool {
        self.tasks.len() >= self.concurrency
    }
}

/// The whole way of one delivery. Its place in the lane is taken here, in the order of the deliveries.
fn way(
    worker: &Arc<Worker>,
    lanes: Option<&mut Lanes>,
    held: Held,
) -> impl Future<Output = ()> + Send + use<> {
    let received = worker.receive(held);
    let turn = lanes.map(|lanes| lanes.enter(received.lane_key()));
    let worker = Arc::clone(worker);
    async move {
        let caught = AssertUnwindSafe(task::work(&worker, received, turn)).catch_unwind();
        if caught.await.is_err() {
            tracing::error!("a delivery's task panicked; the broker delivers again");
            worker.count(Outcome::Unconfirmed);
        }
    }
}

//! A hand handles one delivery after another, in the same memory: their futures are too large to be moved for each.

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_util::FutureExt as _;

use super::lane::Turn;
use super::report::Outcome;
use super::task;
use super::worker::{Received, Worker};

pub(super) struct Hand {
    seat: Arc<Seat>,
    work: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// A delivery, and its turn where it has one.
type Given = (Received, Option<Turn>);

/// Where a hand is given what it is to handle.
#[derive(Default)]
struct Seat {
    next: Mutex<Option<Given>>,
    /// It has nothing to do.
    waits: AtomicBool,
    /// It is given nothing more.
    last: AtomicBool,
}

impl Hand {
    pub(super) fn new(worker: &Arc<Worker>) -> Self {
        let seat = Arc::<Seat>::default();
        let work = Box::pin(work(Arc::clone(worker), Arc::clone(&seat)));
        Self { seat, work }
    }

    /// Gives it a delivery. One that waits is given the next.
    pub(super) fn give(&self, given: Given) {
        self.seat.waits.store(false, Ordering::Relaxed);
        *self.seat.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(given);
    }

    /// Takes the first step with what it was given, and says whether that was all.
    pub(super) fn step(&mut self) -> bool {
        let mut nobody = Context::from_waker(Waker::noop());
        let _ = self.work.as_mut().poll(&mut nobody);
        self.seat.waits.load(Ordering::Relaxed)
    }

    /// Goes on with what it has, and ends with it.
    pub(super) fn finish(self) -> impl Future<Output = ()> + Send + 'static {
        self.seat.last.store(true, Ordering::Relaxed);
        self.work
    }
}

impl Seat {
    /// What is to be handled next; none where nothing more comes.
    async fn given(&self) -> Option<Given> {
        poll_fn(|_| {
            let given = self.next.lock().unwrap_or_else(PoisonError::into_inner).take();
            if given.is_none() && !self.last.load(Ordering::Relaxed) {
                // Whoever gives it the next takes the step.
                self.waits.store(true, Ordering::Relaxed);
                return Poll::Pending;
            }
            Poll::Ready(given)
        })
        .await
    }
}

async fn work(worker: Arc<Worker>, seat: Arc<Seat>) {
    while let Some((received, turn)) = seat.given().await {
        let caught = AssertUnwindSafe(task::work(&worker, received, turn)).catch_unwind();
        if caught.await.is_err() {
            tracing::error!("a delivery's task panicked; the broker delivers again");
            worker.count(Outcome::Unconfirmed);
        }
    }
}

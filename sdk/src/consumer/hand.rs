//! A hand handles one delivery after another, in the same memory: their futures are too large to be moved for each.

use std::convert::Infallible;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
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
    work: Pin<Box<dyn Future<Output = Infallible> + Send>>,
}

/// A delivery, and its turn where it has one.
type Given = (Received, Option<Turn>);

/// Where a hand is given what it is to handle.
#[derive(Default)]
struct Seat {
    next: Mutex<Option<Given>>,
    /// It has nothing to do.
    waits: AtomicBool,
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
        self.go_on(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    /// Comes to an end with what it has, and waits for the next.
    pub(super) async fn finish(mut self) -> Self {
        poll_fn(|cx| self.go_on(cx)).await;
        self
    }

    fn go_on(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let _ = self.work.as_mut().poll(cx);
        match self.seat.waits.load(Ordering::Relaxed) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

impl Seat {
    /// What is to be handled next.
    async fn given(&self) -> Given {
        poll_fn(|_| match self.next.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(given) => Poll::Ready(given),
            None => {
                // Whoever gives it the next takes the step.
                self.waits.store(true, Ordering::Relaxed);
                Poll::Pending
            }
        })
        .await
    }
}

async fn work(worker: Arc<Worker>, seat: Arc<Seat>) -> Infallible {
    loop {
        let (received, turn) = seat.given().await;
        // Pinned where it is made: to move it costs as much as many handlers do.
        let working = pin!(task::work(&worker, received, turn));
        if AssertUnwindSafe(working).catch_unwind().await.is_err() {
            tracing::error!("a delivery's task panicked; the broker delivers again");
            worker.count(Outcome::Unconfirmed);
        }
    }
}

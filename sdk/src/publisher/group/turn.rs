use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::task::yield_now;

use super::commit;
use super::line::{Line, Next};
use crate::Tidings;

/// That it is somebody's turn to send to a stream. Whoever waits goes when it is dropped.
#[derive(Debug)]
pub(in crate::publisher) struct Turn {
    bus: Tidings,
    line: Arc<Line>,
}

impl Turn {
    /// Of a line whose turn was taken.
    pub(super) fn new(bus: &Tidings, line: Arc<Line>) -> Self {
        Self { bus: bus.clone(), line }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.line.hand_on() {
            // Later ones first: the runtime of whoever connected outlives those of single callers.
            let runtimes = [Handle::try_current().ok(), self.bus.background().runtime()];
            let runtimes = runtimes.into_iter().flatten().collect();
            AtWork { bus: self.bus.clone(), line: Arc::clone(&self.line), runtimes, done: false }
                .start();
        }
    }
}

/// Sends what waits, until nothing does.
async fn work(mut at_work: AtWork) {
    at_work.runtimes.clear();
    while let Some(next) = at_work.line.next() {
        match next {
            Next::Late(members) => commit::late(members),
            Next::Group(members) => {
                commit::together(&at_work.bus, &at_work.line, members).await;
            }
            Next::Each(members) => commit::each(&at_work.bus, members).await,
            Next::Turn(waiter) => {
                at_work.done = true;
                // Where nobody takes it, it is over at once.
                drop(waiter.send(Turn::new(&at_work.bus, Arc::clone(&at_work.line))));
                return;
            }
        }
        // Who has heard, and has more to send, may be in time for the next group.
        yield_now().await;
    }
    at_work.done = true;
}

/// Held by whoever sends what waits: it is his turn.
struct AtWork {
    bus: Tidings,
    line: Arc<Line>,
    /// Where it may begin, the best one last; none once it has begun.
    runtimes: Vec<Handle>,
    done: bool,
}

impl AtWork {
    /// Begins on the best runtime.
    fn start(mut self) {
        match self.runtimes.pop() {
            // One that has ended drops the task at once.
            Some(runtime) => drop(runtime.spawn(work(self))),
            None => drop(self),
        }
    }
}

impl Drop for AtWork {
    /// Its task has ended with its runtime. If it had not begun, it may on another; else who waits is let go of.
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let runtimes = std::mem::take(&mut self.runtimes);
        if runtimes.is_empty() {
            self.line.abandon();
        } else {
            Self { bus: self.bus.clone(), line: Arc::clone(&self.line), runtimes, done: false }
                .start();
        }
    }
}

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
        if !self.line.hand_on() {
            return;
        }
        // The runtime of whoever connected outlives those of single callers.
        let runtimes = [self.bus.background().runtime(), Handle::try_current().ok()];
        for runtime in runtimes.into_iter().flatten() {
            let task = runtime.spawn(work(self.bus.clone(), Arc::clone(&self.line)));
            // One that has ended drops the task at once.
            if !task.is_finished() || !self.line.is_handed() {
                return;
            }
        }
        self.line.abandon();
    }
}

/// Sends what waits, until nothing does.
async fn work(bus: Tidings, line: Arc<Line>) {
    let Some(mut at_work) = AtWork::begin(line) else { return };
    while let Some(next) = at_work.line.next() {
        match next {
            Next::Late(members) => commit::none(members),
            Next::Group(members) => commit::together(&bus, &at_work.line, members).await,
            Next::Each(members) => commit::each(&bus, members).await,
            Next::Turn(waiter) => {
                at_work.done = true;
                // Where nobody takes it, it is over at once.
                drop(waiter.send(Turn::new(&bus, Arc::clone(&at_work.line))));
                return;
            }
        }
        // Who has heard, and has more to send, may be in time for the next group.
        yield_now().await;
    }
    at_work.done = true;
}

struct AtWork {
    line: Arc<Line>,
    done: bool,
}

impl AtWork {
    fn begin(line: Arc<Line>) -> Option<Self> {
        line.begin().then_some(Self { line, done: false })
    }
}

impl Drop for AtWork {
    /// Its task has ended with its runtime.
    fn drop(&mut self) {
        if !self.done {
            self.line.abandon();
        }
    }
}

//! Who writes next, where a database has one writer at a time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Turns of the handlers, who have theirs for as long as they work, and of the [queue](super::queue), which has it for a moment
/// and goes before all handlers that wait: claims are renewed in time however many these are.
pub(super) struct Turns {
    /// One handler at a time stands in line for the writer's place, or has it.
    handlers: Arc<Semaphore>,
    writer: Arc<Semaphore>,
}

/// Leave to write. The writer's place is given back first, so that it goes to the queue where it waits.
pub(super) struct Turn {
    _writer: Option<OwnedSemaphorePermit>,
    _handler: Option<OwnedSemaphorePermit>,
}

impl Turns {
    pub(super) fn new() -> Self {
        let one = || Arc::new(Semaphore::new(1));
        Self { handlers: one(), writer: one() }
    }

    pub(super) async fn of_handler(&self) -> Turn {
        let handler = place(&self.handlers).await;
        Turn { _writer: place(&self.writer).await, _handler: handler }
    }

    pub(super) async fn of_queue(&self) -> Turn {
        Turn { _writer: place(&self.writer).await, _handler: None }
    }
}

/// There is one always: they are never closed.
async fn place(line: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    Arc::clone(line).acquire_owned().await.ok()
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::Turns;

    #[tokio::test]
    async fn the_queue_goes_before_all_handlers_that_wait() {
        let turns = Turns::new();
        let first = turns.of_handler().await;
        let mut handlers = [Box::pin(turns.of_handler()), Box::pin(turns.of_handler())];
        assert!(handlers.iter_mut().all(|handler| handler.now_or_never().is_none()));
        let mut queue = Box::pin(turns.of_queue());
        assert!((&mut queue).now_or_never().is_none());
        drop(first);
        assert!(handlers.iter_mut().all(|handler| handler.now_or_never().is_none()));
        let moment = queue.now_or_never().expect("it is next");
        drop(moment);
        assert!((&mut handlers[0]).now_or_never().is_some());
    }
}

//! In this process alone, and bounded.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Mark;

#[derive(Debug)]
pub(super) struct Memory {
    marks: Mutex<Marks>,
    released: Notify,
    capacity: NonZeroUsize,
}

#[derive(Debug, Default)]
struct Marks {
    known: HashMap<Mark, Standing>,
    /// What was handled, in that order, and until when it is known.
    handled: VecDeque<(Mark, Option<Instant>)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Standing {
    Claimed,
    Handled(Option<Instant>),
}

/// Gives the event free when it is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    memory: Arc<Memory>,
    mark: Mark,
    handled: bool,
}

impl Memory {
    pub(super) fn new(capacity: NonZeroUsize) -> Self {
        Self { marks: Mutex::default(), released: Notify::new(), capacity }
    }

    /// None where the event was handled. Waits while somebody handles it.
    pub(super) async fn enter(self: &Arc<Self>, mark: &Mark) -> Option<Claim> {
        loop {
            let mut released = std::pin::pin!(self.released.notified());
            released.as_mut().enable();
            match self.marks().claim(mark) {
                None => {
                    let (memory, mark) = (Arc::clone(self), mark.clone());
                    return Some(Claim { memory, mark, handled: false });
                }
                Some(Standing::Handled(_)) => return None,
                Some(Standing::Claimed) => {}
            }
            released.await;
        }
    }

    fn marks(&self) -> MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Marks {
    /// Claims what nobody has claimed or handled; else says how it stands.
    fn claim(&mut self, mark: &Mark) -> Option<&Standing> {
        let now = Instant::now();
        let is_over = |end: &Option<Instant>| end.is_some_and(|end| end <= now);
        if self
            .known
            .get(mark)
            .is_some_and(|one| matches!(one, Standing::Handled(end) if is_over(end)))
        {
            self.known.remove(mark);
        }
        if !self.known.contains_key(mark) {
            self.known.insert(mark.clone(), Standing::Claimed);
            return None;
        }
        self.known.get(mark)
    }

    fn handled(&mut self, mark: &Mark, end: Option<Instant>, capacity: usize) {
        self.known.insert(mark.clone(), Standing::Handled(end));
        self.handled.push_back((mark.clone(), end));
        let now = Instant::now();
        while let Some((oldest, end)) = self.handled.front()
            && (self.handled.len() > capacity || end.is_some_and(|end| end <= now))
        {
            // It may have been handled anew since.
            if self.known.get(oldest) == Some(&Standing::Handled(*end)) {
                self.known.remove(oldest);
            }
            self.handled.pop_front();
        }
    }
}

impl Claim {
    pub(super) fn done(mut self, retention: Option<Duration>) {
        let end = retention.and_then(|retention| Instant::now().checked_add(retention));
        self.memory.marks().handled(&self.mark, end, self.memory.capacity.get());
        self.handled = true;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.handled {
            self.memory.marks().known.remove(&self.mark);
        }
        self.memory.released.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::message::envelope::Envelope;

    fn mark(id: &str) -> Mark {
        Mark::new("billing-invoicing", &Envelope { id: id.into(), ..Envelope::default() })
    }

    fn memory(capacity: usize) -> Arc<Memory> {
        Arc::new(Memory::new(NonZeroUsize::new(capacity).expect("some")))
    }

    const DAY: Duration = Duration::from_secs(24 * 3600);

    #[tokio::test(start_paused = true)]
    async fn an_event_is_handled_once_until_that_is_forgotten() {
        let memory = memory(10);
        memory.enter(&mark("a")).await.expect("new").done(Some(DAY));
        assert!(memory.enter(&mark("a")).await.is_none());
        drop(memory.enter(&mark("b")).await.expect("new"));
        assert!(memory.enter(&mark("b")).await.is_some(), "a failure leaves no mark");
        tokio::time::advance(DAY).await;
        memory.enter(&mark("a")).await.expect("forgotten").done(None);
        tokio::time::advance(1000 * DAY).await;
        assert!(memory.enter(&mark("a")).await.is_none(), "known for ever");
    }

    #[tokio::test]
    async fn who_comes_second_waits_for_what_comes_of_the_first() {
        let memory = memory(10);
        for fails in [true, false] {
            let first = memory.enter(&mark("a")).await.expect("new");
            let event = mark("a");
            let mut second = Box::pin(memory.enter(&event));
            assert!((&mut second).now_or_never().is_none());
            if fails {
                drop(first);
            } else {
                first.done(None);
            }
            assert_eq!(second.await.is_some(), fails);
        }
    }

    #[tokio::test]
    async fn the_oldest_are_forgotten_beyond_the_bound() {
        let memory = memory(2);
        for id in ["a", "b", "c"] {
            memory.enter(&mark(id)).await.expect("new").done(None);
        }
        assert!(memory.enter(&mark("b")).await.is_none());
        assert!(memory.enter(&mark("a")).await.is_some());
        assert_eq!(memory.marks().known.len(), 2);
    }
}

//! Tickets for what is under way, so that somebody can wait for what was before him, and for nothing later.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Gives out tickets; clones give out of one roll.
#[derive(Clone, Debug, Default)]
pub(super) struct Tickets(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    roll: Mutex<Roll>,
    stirred: Notify,
}

/// Tickets are counted by generation; one ends where somebody begins to wait for all that are out.
#[derive(Debug, Default)]
struct Roll {
    /// The number of the oldest generation.
    oldest: u64,
    /// How many are out of each, the oldest first.
    out: VecDeque<usize>,
    /// How many wait for others to be given back.
    waiting: usize,
}

/// Given back when it is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    generation: u64,
    tickets: Tickets,
}

impl Tickets {
    pub(super) fn take(&self) -> Ticket {
        Ticket { generation: self.take_loose(), tickets: self.clone() }
    }

    /// A ticket by its generation alone, for who gives it [back](Self::give_back) himself.
    pub(super) fn take_loose(&self) -> u64 {
        self.0.roll().take()
    }

    pub(super) fn give_back(&self, generation: u64) {
        let mut roll = self.0.roll();
        roll.give_back(generation);
        let awaited = roll.waiting > 0;
        drop(roll);
        if awaited {
            self.stir();
        }
    }

    /// How many are out.
    pub(super) fn out(&self) -> usize {
        self.0.roll().out.iter().sum()
    }

    /// Has everybody who waits look again.
    pub(super) fn stir(&self) {
        self.0.stirred.notify_waiters();
    }

    /// Returns once every ticket is back that is out now. `look` is called before each look at them.
    pub(super) async fn passed(&self, look: impl Fn()) {
        let _waits = Waits::begin(&self.0);
        let next = self.0.roll().end_generation();
        loop {
            let mut stirred = std::pin::pin!(self.0.stirred.notified());
            stirred.as_mut().enable();
            look();
            if self.0.roll().are_back_before(next) {
                return;
            }
            stirred.await;
        }
    }
}

impl Roll {
    /// The generation of a ticket that is given out now.
    fn take(&mut self) -> u64 {
        match self.out.back_mut() {
            Some(out) => *out += 1,
            None => self.out.push_back(1),
        }
        self.newest()
    }

    fn give_back(&mut self, generation: u64) {
        if let Some(out) = self.out.get_mut((generation - self.oldest) as usize) {
            *out -= 1;
        }
        while self.out.len() > 1 && self.out.front() == Some(&0) {
            self.out.pop_front();
            self.oldest += 1;
        }
    }

    /// The number of the generation that begins with the next ticket.
    fn end_generation(&mut self) -> u64 {
        if self.out.back().is_some_and(|out| *out > 0) {
            self.out.push_back(0);
        }
        self.newest()
    }

    fn are_back_before(&self, generation: u64) -> bool {
        // Those that are back are gone, but for the newest.
        self.oldest >= generation
    }

    fn newest(&self) -> u64 {
        self.oldest + (self.out.len() as u64).saturating_sub(1)
    }
}

impl Shared {
    fn roll(&self) -> MutexGuard<'_, Roll> {
        self.roll.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who waits; as a rule nobody does, and then there is nobody to wake.
struct Waits<'t>(&'t Shared);

impl<'t> Waits<'t> {
    fn begin(shared: &'t Shared) -> Self {
        shared.roll().waiting += 1;
        Self(shared)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.roll().waiting -= 1;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.tickets.give_back(self.generation);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn whoever_waits_waits_for_those_before_him_alone() {
        let tickets = Tickets::default();
        tickets.passed(|| {}).await;
        let (first, second) = (tickets.take(), tickets.take());
        let mut all = Box::pin(tickets.passed(|| {}));
        assert!((&mut all).now_or_never().is_none());
        let later = tickets.take();
        let mut more = Box::pin(tickets.passed(|| {}));
        drop(second);
        assert!((&mut all).now_or_never().is_none(), "the first is out");
        drop(first);
        all.await;
        assert!((&mut more).now_or_never().is_none(), "the last is out");
        assert_eq!(tickets.out(), 1);
        drop(later);
        more.await;
        assert_eq!(tickets.out(), 0);
    }

    #[tokio::test]
    async fn a_later_one_may_be_back_first() {
        let tickets = Tickets::default();
        let first = tickets.take();
        let mut one = Box::pin(tickets.passed(|| {}));
        assert!((&mut one).now_or_never().is_none());
        drop(tickets.take());
        assert!((&mut one).now_or_never().is_none());
        let mut both = Box::pin(tickets.passed(|| {}));
        assert!((&mut both).now_or_never().is_none());
        drop(first);
        one.await;
        both.await;
    }
}

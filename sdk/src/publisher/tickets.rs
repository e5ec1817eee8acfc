//! Numbers for what is under way, so that somebody can wait for what was before him, and for nothing later.

use std::collections::BTreeSet;
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

#[derive(Debug, Default)]
struct Roll {
    /// The number of the next ticket.
    next: u64,
    /// Those that were not given back.
    open: BTreeSet<u64>,
    /// How many wait for others to be given back.
    waiting: usize,
}

/// Given back when it is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    number: u64,
    tickets: Tickets,
}

impl Tickets {
    pub(super) fn take(&self) -> Ticket {
        let mut roll = self.0.roll();
        let number = roll.next;
        roll.next += 1;
        roll.open.insert(number);
        drop(roll);
        Ticket { number, tickets: self.clone() }
    }

    /// How many are out.
    pub(super) fn out(&self) -> usize {
        self.0.roll().open.len()
    }

    /// Has everybody who waits look again.
    pub(super) fn stir(&self) {
        self.0.stirred.notify_waiters();
    }

    /// Returns once every ticket is back that is out now. `look` is called before each look at them.
    pub(super) async fn passed(&self, look: impl Fn()) {
        let _waits = Waits::begin(&self.0);
        let end = self.0.roll().next;
        loop {
            let mut stirred = std::pin::pin!(self.0.stirred.notified());
            stirred.as_mut().enable();
            look();
            if self.0.roll().open.first().is_none_or(|first| *first >= end) {
                return;
            }
            stirred.await;
        }
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
        let mut roll = self.tickets.0.roll();
        roll.open.remove(&self.number);
        let awaited = roll.waiting > 0;
        drop(roll);
        if awaited {
            self.tickets.stir();
        }
    }
}

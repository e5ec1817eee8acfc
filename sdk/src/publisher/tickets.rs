//! Numbers for what is under way, so that somebody can wait for what was before him, and for nothing later.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::watch;

/// Gives out tickets; clones give out of one roll.
#[derive(Clone, Debug, Default)]
pub(super) struct Tickets(Arc<watch::Sender<Roll>>);

#[derive(Debug, Default)]
struct Roll {
    /// The number of the next ticket.
    next: u64,
    /// Those that were not given back.
    open: BTreeSet<u64>,
}

/// Given back when it is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    number: u64,
    tickets: Tickets,
}

impl Tickets {
    pub(super) fn take(&self) -> Ticket {
        let mut number = 0;
        self.0.send_modify(|roll| {
            number = roll.next;
            roll.next += 1;
            roll.open.insert(number);
        });
        Ticket { number, tickets: self.clone() }
    }

    /// How many are out.
    pub(super) fn out(&self) -> usize {
        self.0.borrow().open.len()
    }

    /// Has everybody who waits look again.
    pub(super) fn stir(&self) {
        self.0.send_modify(|_| {});
    }

    /// Returns once every ticket is back that is out now. `look` is called before each look at them.
    pub(super) async fn passed(&self, look: impl Fn()) {
        let mut roll = self.0.subscribe();
        let end = roll.borrow().next;
        loop {
            look();
            if roll.borrow_and_update().open.first().is_none_or(|first| *first >= end) {
                return;
            }
            // The sender lives in `self`.
            let _ = roll.changed().await;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.tickets.0.send_modify(|roll| {
            roll.open.remove(&self.number);
        });
    }
}

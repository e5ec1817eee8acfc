//! Which shards are whose.
//!
//! Relays share the shards of their outbox by leases in its tables, which end by the database's clock. A relay renews its
//! own three times as often as it must, takes those that nobody has, and gives back what is more than its share once
//! nothing of it is in hand. A relay that dies loses its shards when its lease is over.
//!
//! A relay may be held up for longer than its lease, and go on while another has its shards. What then keeps order and
//! number: it sends nothing unless its lease stands, lets go of all that it has in hand, and what it had looked at its
//! lease for and sends an instant later has an id that the stream knows already. So two relays cost a duplicate at worst,
//! which the stream drops, unless one is held up between that look and the next instruction for longer than the stream
//! remembers ids.

use std::time::Duration;

use tokio::time::Instant;

use crate::outbox::row::SHARDS;
use crate::outbox::statements::{Renewal, Renewed, share};

/// The lease of a relay.
#[derive(Debug)]
pub(super) struct Lease {
    pub(super) relay: String,
    time: Duration,
    shards: Vec<Shard>,
    /// Until when it may send.
    until: Instant,
    renew_at: Instant,
}

#[derive(Debug)]
struct Shard {
    number: i64,
    /// Rows up to this id may have been sent by somebody who did not hear of it.
    suspect: i64,
    /// It is to be given back.
    leaving: bool,
}

impl Lease {
    pub(super) fn new(time: Duration) -> Self {
        let now = Instant::now();
        let relay = uuid::Uuid::now_v7().to_string();
        Self { relay, time, shards: Vec::new(), until: now, renew_at: now }
    }

    /// Whether it may send.
    pub(super) fn stands(&self, now: Instant) -> bool {
        now < self.until
    }

    pub(super) fn renew_at(&self) -> Instant {
        self.renew_at
    }

    /// What to ask for. Shards that are leaving are given back, where `done` says that nothing of them is in hand.
    pub(super) fn renewal(&self, patience: Duration, done: impl Fn(i64) -> bool) -> Renewal {
        let leaving = self.shards.iter().filter(|shard| shard.leaving && done(shard.number));
        Renewal {
            relay: self.relay.clone(),
            patience,
            lease: i64::try_from(self.time.as_millis()).unwrap_or(i64::MAX / 2),
            returned: leaving.map(|shard| shard.number).collect(),
        }
    }

    /// What was answered to a question that was asked at this time. The lease has begun later than that, so it ends later
    /// than this side believes. Returns whether there are other shards than before.
    pub(super) fn renewed(&mut self, renewed: &Renewed, asked: Instant) -> bool {
        let stood = self.stands(Instant::now());
        let before: Vec<_> = self.shards.drain(..).filter(|_| stood).collect();
        let shard = |&(number, attempted): &(i64, i64)| {
            let known = before.iter().find(|shard| shard.number == number);
            let suspect = known.map_or(attempted, |known| known.suspect);
            Shard { number, suspect, leaving: false }
        };
        self.shards = renewed.shards.iter().map(shard).collect();
        let share = usize::try_from(share(renewed.relays)).unwrap_or(usize::from(SHARDS));
        self.shards.iter_mut().skip(share).for_each(|shard| shard.leaving = true);
        self.until = asked + self.time;
        self.renew_at = asked + self.time / 3;
        let numbers =
            |shards: &[Shard]| shards.iter().map(|shard| shard.number).collect::<Vec<_>>();
        numbers(&before) != numbers(&self.shards)
    }

    /// Everything was given back.
    pub(super) fn released(&mut self) {
        self.shards.clear();
        self.until = Instant::now();
        self.renew_at = self.until;
    }

    /// Whether it has anything to give back.
    pub(super) fn is_held(&self) -> bool {
        !self.shards.is_empty()
    }

    /// The shards to read.
    pub(super) fn read(&self) -> Vec<i64> {
        let staying = self.shards.iter().filter(|shard| !shard.leaving);
        staying.map(|shard| shard.number).collect()
    }

    /// Whether it has this shard.
    pub(super) fn has(&self, number: i64) -> bool {
        self.shards.iter().any(|shard| shard.number == number)
    }

    /// Whether one is to be given back, of those of which `done` says that nothing is in hand.
    pub(super) fn can_give_back(&self, done: impl Fn(i64) -> bool) -> bool {
        self.shards.iter().any(|shard| shard.leaving && done(shard.number))
    }

    /// Whether somebody may have sent this row.
    pub(super) fn suspects(&self, shard: i64, id: i64) -> bool {
        let known = self.shards.iter().find(|known| known.number == shard);
        known.is_none_or(|known| id <= known.suspect)
    }

    /// This row may have been sent, and is let go of.
    pub(super) fn suspect(&mut self, shard: i64, id: i64) {
        if let Some(known) = self.shards.iter_mut().find(|known| known.number == shard) {
            known.suspect = known.suspect.max(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renewed(shards: &[i64], relays: i64) -> Renewed {
        Renewed { shards: shards.iter().map(|shard| (*shard, 7)).collect(), relays }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_more_than_the_share_leaves_once_nothing_of_it_is_in_hand() {
        let mut lease = Lease::new(Duration::from_secs(6));
        assert!(!lease.stands(Instant::now()));
        let all: Vec<i64> = (0..16).collect();
        assert!(lease.renewed(&renewed(&all, 1), Instant::now()));
        assert_eq!(lease.read(), all);
        assert!(!lease.renewed(&renewed(&all, 2), Instant::now()));
        assert_eq!(lease.read(), (0..8).collect::<Vec<_>>());
        assert!(!lease.can_give_back(|_| false) && lease.can_give_back(|shard| shard == 9));
        assert_eq!(lease.renewal(Duration::ZERO, |shard| shard == 9).returned, [9]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_that_was_over_is_a_new_one() {
        let mut lease = Lease::new(Duration::from_secs(6));
        lease.renewed(&renewed(&[1], 1), Instant::now());
        assert!(lease.suspects(1, 7) && !lease.suspects(1, 8) && lease.suspects(2, 8));
        lease.suspect(1, 9);
        lease.renewed(&renewed(&[1], 1), Instant::now());
        assert!(lease.suspects(1, 9), "what was known is kept");
        tokio::time::advance(Duration::from_secs(6)).await;
        assert!(!lease.stands(Instant::now()));
        assert!(lease.renewed(&renewed(&[1], 1), Instant::now()), "another may have had it");
        assert!(!lease.suspects(1, 9));
    }
}

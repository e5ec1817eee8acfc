use std::sync::{Mutex, Weak};
use std::time::Duration;

use tokio::time::Instant;

use super::place::Member;
use super::{Silence, Table, lock, lost, tell};
use crate::broker::BrokerError;

/// How exactly the end of somebody's patience is met.
const SWEEP: Duration = Duration::from_millis(50);

/// Ends the wait of those whose patience is at an end, for as long as anybody waits.
pub(super) struct Sweeper(pub(super) Weak<Mutex<Table>>);

impl Sweeper {
    pub(super) async fn sweep(mut self) {
        loop {
            tokio::time::sleep(SWEEP).await;
            let Some(shared) = self.0.upgrade() else { return };
            let mut table = lock(&shared);
            let now = Instant::now();
            let late = table.seats(|member| member.until.is_some_and(|until| until <= now));
            let mut told = Vec::new();
            let late = table.give_up(late, &mut told);
            let over = table.is_empty();
            table.swept = !over;
            drop(table);
            for Member { ear, patience, .. } in late {
                ear.tell(Err(Silence::Because(BrokerError::TimedOut(patience))));
            }
            tell(told);
            if over {
                // The next to come has one of his own.
                self.0 = Weak::new();
                return;
            }
        }
    }
}

impl Drop for Sweeper {
    /// Where it ends early, its runtime has ended, and with it whatever brings answers.
    fn drop(&mut self) {
        let Some(shared) = self.0.upgrade() else { return };
        let mut table = lock(&shared);
        table.swept = false;
        let all = table.clear();
        drop(table);
        all.into_iter().for_each(|ear| ear.tell(Err(Silence::Because(lost()))));
    }
}

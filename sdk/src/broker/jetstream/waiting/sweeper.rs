use std::sync::Weak;
use std::time::Duration;

use tokio::time::Instant;

use super::place::Member;
use super::{Common, Outlet, Silence, lost, tell};
use crate::broker::BrokerError;

/// How exactly the end of somebody's patience is met.
const SWEEP: Duration = Duration::from_millis(50);

/// Ends the wait of those whose patience is at an end, and sends what is held back, for as long as there is any of both.
pub(super) struct Sweeper(pub(super) Weak<Common>);

impl Sweeper {
    pub(super) async fn sweep(mut self) {
        loop {
            tokio::time::sleep(SWEEP).await;
            let Some(common) = self.0.upgrade() else { return };
            let mut outlet = common.outlet();
            let flushed = outlet.as_mut().is_none_or(|outlet| common.flush_through(outlet));
            let mut table = common.table();
            let now = Instant::now();
            let late = table.seats(|member| member.until.is_some_and(|until| until <= now));
            let mut told = Vec::new();
            let late = table.give_up(late, &mut told);
            let over = table.is_empty() && flushed;
            table.swept = !over;
            drop(table);
            drop(outlet);
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
        let Some(common) = self.0.upgrade() else { return };
        common.outlet().iter_mut().for_each(Outlet::clear);
        let mut table = common.table();
        table.swept = false;
        let all = table.clear();
        drop(table);
        all.into_iter().for_each(|ear| ear.tell(Err(Silence::Because(lost()))));
    }
}

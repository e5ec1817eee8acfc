//! Events that may be what kills the process: they are handled one at a time, so that one of them does not take the others
//! along.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::watch;

/// What came with it has arrived by then: it all comes again at the same time.
const GATHERING: Duration = Duration::from_millis(100);

/// The line in which they wait.
#[derive(Debug)]
pub(super) struct Suspects(watch::Sender<BTreeSet<i128>>);

/// A place in the line; the first may be handled until it gives its place up.
#[derive(Debug)]
pub(super) struct Place<'s> {
    suspects: &'s Suspects,
    rank: i128,
}

impl Suspects {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(BTreeSet::new()))
    }

    /// Waits until the event is the first in the line.
    ///
    /// The order turns with each delivery: of the events around the one that kills, some come before it in one delivery,
    /// and the others in the next.
    pub(super) async fn alone(&self, sequence: u64, attempt: u64) -> Place<'_> {
        let sequence = i128::from(sequence);
        let rank = if attempt.is_multiple_of(2) { sequence } else { -sequence };
        let mut line = self.0.subscribe();
        self.0.send_modify(|line| {
            line.insert(rank);
        });
        let place = Place { suspects: self, rank };
        tokio::time::sleep(GATHERING).await;
        // It lives as long as its sender, which is borrowed here.
        let _ = line.wait_for(|line| line.first() == Some(&rank)).await;
        place
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.suspects.0.send_modify(|line| {
            line.remove(&self.rank);
        });
    }
}

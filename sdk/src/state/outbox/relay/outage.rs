//! Something that does not work at the moment, and when it is tried again.

use std::time::Duration;

use tokio::time::Instant;

use crate::resilience::retry;

/// The first pause; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// How often something has failed in a row, and until when it is left alone.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outage {
    failures: u32,
    until: Option<Instant>,
}

impl Outage {
    /// It failed. While it is left alone, further failures are of what was begun before.
    pub(super) fn failed(&mut self, longest: Duration) -> Duration {
        if self.until.is_some() {
            return Duration::ZERO;
        }
        self.failures += 1;
        let pause = retry::doubling(FIRST_PAUSE, longest, self.failures);
        self.until = Some(Instant::now() + pause);
        pause
    }

    /// Until when it is left alone, if it is.
    pub(super) fn until(&self) -> Option<Instant> {
        self.until
    }

    /// It may be tried again, if its time has come.
    pub(super) fn is_over(&mut self, now: Instant) -> bool {
        let over = self.until.is_some_and(|until| until <= now);
        if over {
            self.until = None;
        }
        over
    }
}

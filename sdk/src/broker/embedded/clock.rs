//! The broker's time: tokio's, so that a test can pause it and make hours pass in a millisecond.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// Longer than anything here waits; near enough that adding it to an instant cannot overflow.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Tells wall-clock time from the instant that the broker was created.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    started: Instant,
    wall: Timestamp,
}

impl Clock {
    /// A clock that starts at the time of day.
    pub(super) fn start() -> Self {
        Self { started: Instant::now(), wall: Timestamp::now() }
    }

    /// The time of day at an instant.
    pub(super) fn time_at(&self, instant: Instant) -> Timestamp {
        let elapsed = instant.saturating_duration_since(self.started);
        self.wall.checked_add(elapsed).unwrap_or(Timestamp::MAX)
    }
}

/// The instant that lies `wait` after `start`, or very far away where there is none.
pub(super) fn after(start: Instant, wait: Duration) -> Instant {
    start + wait.min(FAR)
}

//! No more than so many a second.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How far a pace that was held up may catch up: what the timer's grain needs.
const CATCH_UP: Duration = Duration::from_millis(10);

/// Keeps steps apart.
#[derive(Debug)]
pub(crate) struct Pace {
    step: Duration,
    next: Instant,
}

impl Pace {
    pub(crate) fn new(per_second: NonZeroU32) -> Self {
        Self { step: Duration::from_secs(1) / per_second.get(), next: Instant::now() }
    }

    /// Waits until the next step may be taken.
    pub(crate) async fn step(&mut self) {
        let now = Instant::now();
        if self.next > now {
            sleep_until(self.next).await;
        } else if let Some(earliest) = now.checked_sub(CATCH_UP) {
            self.next = self.next.max(earliest);
        }
        self.next += self.step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn steps_keep_their_rate_however_many_they_are_and_do_not_catch_up_for_long() {
        for per_second in [1, 20, 5000] {
            let mut pace = Pace::new(NonZeroU32::new(per_second).expect("not zero"));
            let begun = Instant::now();
            for _ in 0..=3 * per_second {
                pace.step().await;
            }
            let took = begun.elapsed().as_millis();
            assert!((2_990..=3_010).contains(&took), "{per_second}: {took}");
            tokio::time::advance(Duration::from_secs(60)).await;
            let begun = Instant::now();
            for _ in 0..per_second {
                pace.step().await;
            }
            let took = begun.elapsed() + Duration::from_secs(1) / per_second + CATCH_UP;
            assert!(took >= Duration::from_millis(990), "{per_second}: {took:?}");
        }
    }
}

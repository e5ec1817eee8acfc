//! Asking again.

use std::time::Duration;

use crate::resilience::retry;

const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(1);

/// Pauses between one question and the next, longer and longer.
#[derive(Debug)]
pub(super) struct Pauses(u32);

impl Pauses {
    pub(super) fn new() -> Self {
        Self(0)
    }

    pub(super) async fn wait(&mut self) {
        self.0 += 1;
        tokio::time::sleep(retry::doubling(FIRST, LONGEST, self.0)).await;
    }
}

/// Tries again for so long.
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
pub(super) async fn repeated<T, F>(
    lasts: Duration,
    attempt: impl Fn() -> F,
) -> Result<T, super::InboxError>
where
    F: Future<Output = Result<T, super::InboxError>>,
{
    let deadline = tokio::time::Instant::now() + lasts;
    let mut attempts = 1;
    loop {
        let pause = retry::doubling(FIRST, LONGEST, attempts);
        match attempt().await {
            Err(_) if tokio::time::Instant::now() + pause < deadline => {}
            done => return done,
        }
        tokio::time::sleep(pause).await;
        attempts += 1;
    }
}

//! How long to wait before trying again.

use std::time::Duration;

use tokio::time::Instant;

use crate::BrokerError;
use crate::catalog::RetrySpec;

/// Longer than a restart or the election of a leader takes.
const REACHING: Duration = Duration::from_secs(30);

/// The pause after `attempts` of something that costs nothing to repeat: doubling, varied by half.
pub(crate) fn doubling(first: Duration, longest: Duration, attempts: u32) -> Duration {
    let doubled = first.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    doubled.min(longest).mul_f64(0.5 + 0.5 * fastrand::f64())
}

/// The catalog's delay before the delivery that follows number `attempt`, counted from 1.
pub(crate) fn delay(retry: &RetrySpec, attempt: u64) -> Duration {
    let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    let Some(delay) = retry.backoff.get(index).or(retry.backoff.last()) else {
        return Duration::ZERO;
    };
    let jitter = retry.jitter.clamp(0.0, 1.0);
    delay.mul_f64(1.0 + jitter * (2.0 * fastrand::f64() - 1.0))
}

/// Asks again as long as the broker cannot be asked, for [`REACHING`] at most.
pub(crate) async fn reaching<T, F>(ask: impl Fn() -> F) -> Result<T, BrokerError>
where
    F: Future<Output = Result<T, BrokerError>>,
{
    let deadline = Instant::now() + REACHING;
    let mut attempts = 1;
    loop {
        let pause = doubling(Duration::from_millis(50), Duration::from_secs(1), attempts);
        match ask().await {
            Err(error) if error.is_outage() && Instant::now() + pause < deadline => {}
            answer => return answer,
        }
        tokio::time::sleep(pause).await;
        attempts += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: RetrySpec = RetrySpec {
        attempts: 5,
        backoff: &[Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)],
        jitter: 0.2,
    };

    #[test]
    fn delays_follow_the_catalog_and_the_last_one_repeats() {
        for (attempt, seconds) in [(1, 1.0), (2, 2.0), (3, 4.0), (4, 4.0), (9, 4.0)] {
            for _ in 0..100 {
                let delay = delay(&RETRY, attempt).as_secs_f64();
                assert!((0.8 * seconds..=1.2 * seconds).contains(&delay), "{attempt}: {delay}");
            }
        }
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let (first, longest) = (Duration::from_millis(50), Duration::from_secs(2));
        for (attempts, full) in [(1, 50), (2, 100), (6, 1600), (7, 2000), (60, 2000)] {
            let pause = doubling(first, longest, attempts).as_millis();
            assert!((full / 2..=full).contains(&pause), "{attempts}: {pause}");
        }
    }
}

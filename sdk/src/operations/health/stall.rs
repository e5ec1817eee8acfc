//! Whether a subscription moves, judged by looks at it: events wait, and nothing becomes of any.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::Lag;

/// What was seen of the subscriptions that events waited for.
#[derive(Debug, Default)]
pub(super) struct Stalls(HashMap<&'static str, Seen>);

/// Events waited at each look since then, and the pulse has not changed.
#[derive(Clone, Copy, Debug)]
struct Seen {
    since: Instant,
    beats: u64,
}

/// What is seen of a subscription.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) lag: Lag,
    pub(super) beats: u64,
    /// So many events may be handed out and unsettled, over all instances.
    pub(super) most: u64,
}

impl Stalls {
    /// For how long nothing has moved although something could, if it is longer than `patience`.
    pub(super) fn judge(
        &mut self,
        durable: &'static str,
        look: Look,
        patience: Duration,
    ) -> Option<Duration> {
        let Look { lag, beats, most } = look;
        // Where as many are out as may be, another instance may be at work on all of them.
        if lag.pending == 0 || lag.unsettled >= most {
            self.0.remove(durable);
            return None;
        }
        let now = Instant::now();
        let seen = self.0.entry(durable).or_insert(Seen { since: now, beats });
        if seen.beats != beats {
            *seen = Seen { since: now, beats };
        }
        let still = now - seen.since;
        (still >= patience).then_some(still)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    fn look(pending: u64, beats: u64) -> Look {
        Look { lag: Lag { pending, unsettled: 1 }, beats, most: 10 }
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_waits_without_a_beat_for_long_enough_is_stalled() {
        let mut stalls = Stalls::default();
        let mut judge = |look| stalls.judge("a-b", look, PATIENCE);
        assert_eq!(judge(look(5, 1)), None);
        tokio::time::advance(PATIENCE).await;
        assert_eq!(judge(look(5, 2)), None, "it has moved");
        tokio::time::advance(PATIENCE / 2).await;
        assert_eq!(judge(look(9, 2)), None, "not for long enough");
        tokio::time::advance(PATIENCE / 2).await;
        assert_eq!(judge(look(9, 2)), Some(PATIENCE));
        assert_eq!(judge(look(0, 2)), None, "nothing waits");
        tokio::time::advance(PATIENCE).await;
        assert_eq!(judge(look(1, 2)), None, "this one has just come");
        let full = Look { lag: Lag { pending: 7, unsettled: 10 }, beats: 2, most: 10 };
        tokio::time::advance(PATIENCE).await;
        assert_eq!(judge(full), None, "others are at work");
    }
}

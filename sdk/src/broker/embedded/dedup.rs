//! The message ids that a stream remembers.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

/// The ids stored within the duplicate window, whatever their subject.
#[derive(Debug, Default)]
pub(super) struct Dedup {
    window: Duration,
    sequences: HashMap<Arc<str>, u64>,
    /// The ids in the order they came, with the time.
    arrivals: VecDeque<(Instant, Arc<str>)>,
}

impl Dedup {
    /// Forgets what is older than this from now on.
    pub(super) fn set_window(&mut self, window: Duration) {
        self.window = window;
    }

    /// The sequence under which a message with this id was stored within the window.
    pub(super) fn find(&mut self, id: &str, now: Instant) -> Option<u64> {
        while let Some((came, oldest)) = self.arrivals.front()
            && now.saturating_duration_since(*came) >= self.window
        {
            self.sequences.remove(oldest);
            self.arrivals.pop_front();
        }
        self.sequences.get(id).copied()
    }

    /// Remembers an id that [`find`](Self::find) does not know; the empty one is none.
    pub(super) fn remember(&mut self, id: &str, sequence: u64, now: Instant) {
        if id.is_empty() {
            return;
        }
        let id: Arc<str> = id.into();
        self.sequences.insert(Arc::clone(&id), sequence);
        self.arrivals.push_back((now, id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(120);

    fn dedup() -> Dedup {
        let mut dedup = Dedup::default();
        dedup.set_window(WINDOW);
        dedup
    }

    #[test]
    fn an_id_is_known_until_the_window_has_passed() {
        let (mut dedup, start) = (dedup(), Instant::now());
        dedup.remember("a", 7, start);
        assert_eq!(dedup.find("a", start), Some(7));
        assert_eq!(dedup.find("b", start), None);
        assert_eq!(dedup.find("a", start + WINDOW - Duration::from_millis(1)), Some(7));
        assert_eq!(dedup.find("a", start + WINDOW), None);
    }

    #[test]
    fn an_id_that_comes_again_after_the_window_is_known_for_another_one() {
        let (mut dedup, start) = (dedup(), Instant::now());
        dedup.remember("a", 1, start);
        assert_eq!(dedup.find("a", start + WINDOW), None);
        dedup.remember("a", 2, start + WINDOW);
        assert_eq!(dedup.find("a", start + 2 * WINDOW - Duration::from_millis(1)), Some(2));
        assert!(dedup.arrivals.len() == 1, "what is forgotten takes no memory");
    }

    #[test]
    fn messages_without_an_id_are_no_duplicates() {
        let (mut dedup, start) = (dedup(), Instant::now());
        dedup.remember("", 1, start);
        assert_eq!(dedup.find("", start), None);
    }
}

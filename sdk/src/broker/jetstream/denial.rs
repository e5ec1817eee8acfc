//! Denied publishes. The server tells of each beside the connection, in the order in which they came, and names the subject
//! alone; it gives no answer to any of them.
//!
//! Of several on their way to one subject, a denial may be the word for any: permissions may change between two of them,
//! and the answers of a stream come when they come. As many denials as there are publishes without an answer leave no doubt.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::broker::BrokerError;

/// What is on its way, by subject.
#[derive(Debug, Default)]
pub(super) struct Sent {
    subjects: Mutex<HashMap<String, Tally>>,
    /// Changes when somebody may have been denied.
    stirred: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Tally {
    /// Publishes for whose answer somebody waits.
    awaited: usize,
    /// Those for which nobody waits any more: they may have been denied too.
    given_up: usize,
    /// Denials that nobody has taken for his own yet.
    open: usize,
    /// All denials.
    all: u64,
    /// The server's words of the last one.
    words: Arc<str>,
}

impl Sent {
    /// Before something is sent.
    pub(super) fn begin(self: &Arc<Self>, subject: &str) -> OnItsWay {
        let stirred = self.stirred.subscribe();
        let mut subjects = self.lock();
        let tally = match subjects.get_mut(subject) {
            Some(tally) => tally,
            None => subjects.entry(subject.to_owned()).or_default(),
        };
        tally.awaited += 1;
        let (all, subject) = (tally.all, subject.to_owned());
        OnItsWay { sent: Arc::clone(self), subject, before: all, stirred, fate: Fate::Open }
    }

    /// The server has denied a publish with these words.
    pub(super) fn denied(&self, words: &str) {
        let Some(subject) = words.split('"').nth(1) else { return };
        if let Some(tally) = self.lock().get_mut(subject) {
            tally.open += 1;
            tally.all += 1;
            tally.words = words.into();
        }
        self.stirred.send_replace(());
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Tally>> {
        self.subjects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A publish on its way.
#[derive(Debug)]
pub(super) struct OnItsWay {
    sent: Arc<Sent>,
    subject: String,
    /// Denials before it was sent: none of them is its own.
    before: u64,
    stirred: watch::Receiver<()>,
    fate: Fate,
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Open,
    Answered,
    Denied,
}

impl OnItsWay {
    /// Takes note of what has come of it, which may be an answer.
    pub(super) fn heard<T>(&mut self, word: Result<T, BrokerError>) -> Result<T, BrokerError> {
        let silence = |error: &BrokerError| {
            error.is_unreachable() || matches!(error, BrokerError::Closed | BrokerError::Denied(_))
        };
        if !word.as_ref().is_err_and(silence) {
            self.fate = Fate::Answered;
        }
        word
    }

    /// Returns once it is denied. While that may be meant for another, it waits on, as for any answer.
    pub(super) async fn denied(&mut self) -> BrokerError {
        loop {
            self.stirred.mark_unchanged();
            if let Some(words) = self.denial() {
                self.fate = Fate::Denied;
                return BrokerError::Denied(words.to_string());
            }
            // The sender lives in `self`.
            let _ = self.stirred.changed().await;
        }
    }

    /// The server's words, where one of its denials must be meant for this.
    fn denial(&self) -> Option<Arc<str>> {
        let subjects = self.sent.lock();
        let tally = subjects.get(&self.subject).filter(|tally| tally.all > self.before)?;
        let certain = tally.open >= tally.awaited + tally.given_up;
        certain.then(|| Arc::clone(&tally.words))
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        let mut subjects = self.sent.lock();
        let Some(tally) = subjects.get_mut(&self.subject) else { return };
        tally.awaited -= 1;
        match self.fate {
            Fate::Open => tally.given_up += 1,
            Fate::Answered => {}
            Fate::Denied => tally.open = tally.open.saturating_sub(1),
        }
        let (idle, doubtful) = (tally.awaited == 0, tally.open > 0);
        if idle {
            subjects.remove(&self.subject);
        }
        drop(subjects);
        if doubtful && !idle {
            self.sent.stirred.send_replace(());
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    const WORDS: &str = "Permissions Violation for Publish to \"a.b\"";

    fn is_denied(publish: &mut OnItsWay) -> bool {
        matches!(publish.denied().now_or_never(), Some(BrokerError::Denied(_)))
    }

    #[tokio::test]
    async fn one_alone_is_meant() {
        let sent = Arc::new(Sent::default());
        let mut publish = sent.begin("a.b");
        let mut other = sent.begin("a.c");
        assert!(!is_denied(&mut publish));
        sent.denied(WORDS);
        assert!(is_denied(&mut publish) && !is_denied(&mut other));
    }

    #[tokio::test]
    async fn of_several_all_are_meant_or_it_waits_for_answers() {
        let sent = Arc::new(Sent::default());
        let [mut accepted, mut first, mut second] = [(); 3].map(|()| sent.begin("a.b"));
        sent.denied(WORDS);
        sent.denied(WORDS);
        assert!(!is_denied(&mut accepted) && !is_denied(&mut first) && !is_denied(&mut second));
        let _ = accepted.heard(Ok(()));
        drop(accepted);
        assert!(is_denied(&mut second));
        drop(second);
        assert!(is_denied(&mut first));
        drop(first);
        assert!(sent.lock().is_empty(), "what is over takes no memory");
    }

    #[tokio::test]
    async fn a_denial_before_it_was_sent_is_none_of_its_own() {
        let sent = Arc::new(Sent::default());
        let mut first = sent.begin("a.b");
        sent.denied(WORDS);
        let mut later = sent.begin("a.b");
        assert!(!is_denied(&mut later));
        // The permission has come back, and the later one was let through.
        let _ = later.heard(Ok(()));
        drop(later);
        assert!(is_denied(&mut first));
    }

    #[tokio::test]
    async fn where_it_stays_in_doubt_it_is_not_called_denied() {
        let sent = Arc::new(Sent::default());
        let given_up = sent.begin("a.b");
        let mut publish = sent.begin("a.b");
        drop(given_up);
        sent.denied(WORDS);
        assert!(!is_denied(&mut publish));
        sent.denied(WORDS);
        assert!(is_denied(&mut publish));
    }
}

//! Denied publishes. The server tells of each beside the connection, in the order in which they came, and names the subject
//! alone; it gives no answer to any of them.
//!
//! Of several on their way to one subject, a denial may be the word for any: permissions may change between two of them,
//! and the answers of a stream come when they come. As many denials as there are publishes without an answer leave no doubt.

use std::collections::HashMap;
use std::sync::Arc;

/// The subjects of which something was denied, while anybody waits for a word of what he sent there.
#[derive(Debug, Default)]
pub(super) struct Doubts(HashMap<String, Doubt>);

#[derive(Debug)]
struct Doubt {
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

impl Doubts {
    /// Somebody begins to wait; how many denials were before him.
    pub(super) fn entered(&mut self, subject: &str) -> u64 {
        // There are none, as a rule.
        if self.is_empty() {
            return 0;
        }
        self.0.get_mut(subject).map_or(0, |doubt| {
            doubt.awaited += 1;
            doubt.all
        })
    }

    /// A publish was denied, while so many wait for their word.
    pub(super) fn denied(&mut self, subject: &str, words: &str, waiting: usize) {
        let doubt = self.of(subject, waiting);
        doubt.open += 1;
        doubt.all += 1;
        doubt.words = words.into();
    }

    /// Whether something was denied there, and somebody waits.
    pub(super) fn are_on(&self, subject: &str) -> bool {
        !self.is_empty() && self.0.contains_key(subject)
    }

    /// Somebody has had his answer, while so many others wait. True says that those are to be judged anew.
    pub(super) fn answered(&mut self, subject: &str, waiting: usize) -> bool {
        let Some(doubt) = self.0.get_mut(subject) else { return false };
        doubt.awaited = waiting;
        let open = doubt.open > 0;
        if waiting == 0 {
            self.0.remove(subject);
        }
        open && waiting > 0
    }

    /// Somebody waits no more and had no answer, while so many others wait.
    pub(super) fn given_up(&mut self, subject: &str, waiting: usize) {
        if waiting == 0 {
            self.0.remove(subject);
            return;
        }
        let doubt = self.of(subject, waiting);
        doubt.awaited = waiting;
        doubt.given_up += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&mut self, subject: &str, waiting: usize) -> &mut Doubt {
        self.0.entry(subject.to_owned()).or_insert_with(|| Doubt {
            awaited: waiting,
            given_up: 0,
            open: 0,
            all: 0,
            words: Arc::default(),
        })
    }

    /// How many denials there were, and the words of the last, where each who has waited since before them must be meant.
    pub(super) fn certain(&self, subject: &str) -> Option<(u64, Arc<str>)> {
        let doubt = self.0.get(subject)?;
        let certain = doubt.open >= doubt.awaited + doubt.given_up;
        certain.then(|| (doubt.all, Arc::clone(&doubt.words)))
    }

    /// So many have taken a denial for their own, while so many others wait.
    pub(super) fn settled(&mut self, subject: &str, denied: usize, waiting: usize) {
        let Some(doubt) = self.0.get_mut(subject) else { return };
        doubt.open = doubt.open.saturating_sub(denied);
        doubt.awaited = waiting;
        if waiting == 0 {
            self.0.remove(subject);
        }
    }
}

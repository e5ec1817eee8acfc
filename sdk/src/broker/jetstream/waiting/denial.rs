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
    /// There are none, as a rule.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Somebody begins to wait; how many denials were before him.
    pub(super) fn came(&mut self, subject: &str) -> u64 {
        if self.is_empty() {
            return 0;
        }
        self.0.get_mut(subject).map_or(0, |doubt| {
            doubt.awaited += 1;
            doubt.all
        })
    }

    /// Somebody waits no more.
    pub(super) fn went(&mut self, subject: &str) {
        if self.is_empty() {
            return;
        }
        let Some(doubt) = self.0.get_mut(subject) else { return };
        doubt.awaited = doubt.awaited.saturating_sub(1);
        if doubt.awaited == 0 {
            self.0.remove(subject);
        }
    }

    /// Whoever went without an answer may have been denied, while so many others wait.
    pub(super) fn given_up(&mut self, subject: &str, waiting: usize) {
        if waiting > 0 {
            self.of(subject, waiting).given_up += 1;
        }
    }

    /// A publish was denied, while so many wait for their word.
    pub(super) fn denied(&mut self, subject: &str, words: &str, waiting: usize) {
        let doubt = self.of(subject, waiting);
        doubt.open += 1;
        doubt.all += 1;
        doubt.words = words.into();
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
        let certain = doubt.open > 0 && doubt.open >= doubt.awaited + doubt.given_up;
        certain.then(|| (doubt.all, Arc::clone(&doubt.words)))
    }

    /// So many are about to take a denial for their own.
    pub(super) fn settled(&mut self, subject: &str, denied: usize) {
        if let Some(doubt) = self.0.get_mut(subject) {
            doubt.open = doubt.open.saturating_sub(denied);
        }
    }

    /// How many are taken to wait on a subject.
    #[cfg(test)]
    pub(super) fn awaited(&self) -> impl Iterator<Item = (&str, usize)> {
        self.0.iter().map(|(subject, doubt)| (subject.as_str(), doubt.awaited))
    }
}

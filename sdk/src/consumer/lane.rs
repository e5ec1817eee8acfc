//! Order per key within one process: a delivery waits for the one before it in its lane.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use tokio::sync::oneshot;

/// Hands out turns in the order of the deliveries.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// By the key's hash: the end of the last turn. Two keys of one hash share a lane, which is slower and not wrong.
    last: HashMap<u64, oneshot::Receiver<()>>,
    /// How many lanes there may be before those that are free are forgotten.
    crowded: usize,
}

/// A place in a lane.
#[derive(Debug)]
pub(super) struct Turn {
    before: Option<oneshot::Receiver<()>>,
    done: oneshot::Sender<()>,
}

impl Lanes {
    pub(super) fn enter(&mut self, key: &str) -> Turn {
        if self.last.len() >= self.crowded {
            // A turn that is over has sent its word, or dropped its sender.
            self.last.retain(|_, last| last.is_empty() && !last.is_terminated());
            self.crowded = 2 * self.last.len() + 64;
        }
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let (done, next) = oneshot::channel();
        let before = self.last.insert(hasher.finish(), next);
        Turn { before, done }
    }
}

impl Turn {
    /// Waits until the delivery before this one is done with. False where it was given back: then this one must be too,
    /// or it would overtake.
    pub(super) async fn come(&mut self) -> bool {
        match self.before.take() {
            Some(before) => before.await.is_ok(),
            None => true,
        }
    }

    /// Lets the next one come.
    pub(super) fn pass_on(self) {
        // Nobody may be waiting.
        let _ = self.done.send(());
    }
}

//! Order per key within one process: a delivery waits for the one before it in its lane.

use std::hash::{DefaultHasher, Hash, Hasher};

use tokio::sync::oneshot;

/// Keys share lanes; more lanes mean less waiting for strangers.
const LANES: usize = 256;

/// Hands out turns in the order of the deliveries.
#[derive(Debug)]
pub(super) struct Lanes(Vec<Option<oneshot::Receiver<()>>>);

/// A place in a lane. The next one is let through when this is dropped, however that happens.
#[derive(Debug)]
pub(super) struct Turn {
    before: Option<oneshot::Receiver<()>>,
    _done: oneshot::Sender<()>,
}

impl Lanes {
    pub(super) fn new() -> Self {
        Self((0..LANES).map(|_| None).collect())
    }

    pub(super) fn enter(&mut self, key: &str) -> Turn {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let lane = usize::try_from(hasher.finish() % LANES as u64).unwrap_or_default();
        let (done, next) = oneshot::channel();
        Turn { before: self.0[lane].replace(next), _done: done }
    }
}

impl Turn {
    /// Waits until the delivery before this one is done with.
    pub(super) async fn come(&mut self) {
        if let Some(before) = self.before.take() {
            // Nothing is ever sent: the other side is dropped.
            let _ = before.await;
        }
    }
}

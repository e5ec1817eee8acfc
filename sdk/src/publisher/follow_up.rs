use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::Event;

/// Ids of the events that a handler publishes. The same event, published again when the delivery is handled again, has
/// the same id, so the stream stores it once.
#[derive(Debug)]
pub(crate) struct FollowUps {
    cause: String,
    durable: &'static str,
    /// Which of the events with the same content this delivery has published.
    published: Mutex<HashMap<Uuid, Ordinals>>,
}

#[derive(Debug, Default)]
struct Ordinals {
    last: u32,
    /// Those of them that nothing was published under.
    free: BTreeSet<u32>,
}

/// An id that is free again once this is dropped, unless it is [kept](Self::keep).
#[derive(Debug)]
pub(crate) struct Lent {
    follow_ups: Arc<FollowUps>,
    content: Uuid,
    ordinal: u32,
    kept: bool,
}

impl FollowUps {
    pub(crate) fn new(cause: String, durable: &'static str) -> Self {
        Self { cause, durable, published: Mutex::default() }
    }

    /// An id made of the cause, the subscription and the event's content.
    pub(crate) fn id<E: Event>(&self, event: &E) -> serde_json::Result<String> {
        let content = self.of(event)?;
        Ok(id(content, self.next(content)))
    }

    /// The same, for an event of which it is not known yet whether it will be published. One of the same content that is
    /// published after it was given back has its id, as in a further attempt that publishes nothing else.
    pub(crate) fn lend<E: Event>(self: &Arc<Self>, event: &E) -> serde_json::Result<Lent> {
        let content = self.of(event)?;
        let (follow_ups, ordinal) = (Arc::clone(self), self.next(content));
        Ok(Lent { follow_ups, content, ordinal, kept: false })
    }

    /// A handler that says the same twice means it twice.
    fn next(&self, content: Uuid) -> u32 {
        let mut published = self.published();
        let ordinals = published.entry(content).or_default();
        ordinals.free.pop_first().unwrap_or_else(|| {
            ordinals.last += 1;
            ordinals.last
        })
    }

    fn published(&self) -> MutexGuard<'_, HashMap<Uuid, Ordinals>> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of<E: Event>(&self, event: &E) -> serde_json::Result<Uuid> {
        let mut content = Vec::with_capacity(512);
        for part in ["tidings", &self.cause, self.durable, E::SPEC.event_type] {
            content.extend_from_slice(part.as_bytes());
            content.push(0);
        }
        serde_json::to_writer(&mut content, event)?;
        Ok(Uuid::new_v5(&Uuid::NAMESPACE_URL, &content))
    }
}

fn id(content: Uuid, ordinal: u32) -> String {
    match ordinal {
        1 => content.to_string(),
        again => Uuid::new_v5(&content, &again.to_be_bytes()).to_string(),
    }
}

impl Lent {
    pub(crate) fn id(&self) -> String {
        id(self.content, self.ordinal)
    }

    /// Something was published under it, or may have been.
    pub(crate) fn keep(&mut self) {
        self.kept = true;
    }

    /// Nothing was.
    pub(crate) fn give_back(mut self) {
        self.kept = false;
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.kept
            && let Some(ordinals) = self.follow_ups.published().get_mut(&self.content)
        {
            ordinals.free.insert(self.ordinal);
        }
    }
}

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use crate::Event;

/// Ids of the events that a handler publishes. The same event, published again when the delivery is handled again, has
/// the same id, so the stream stores it once.
#[derive(Debug)]
pub(crate) struct FollowUps {
    cause: String,
    durable: &'static str,
    /// How many events with the same content this delivery has published.
    published: Mutex<HashMap<Uuid, u32>>,
}

impl FollowUps {
    pub(crate) fn new(cause: String, durable: &'static str) -> Self {
        Self { cause, durable, published: Mutex::default() }
    }

    /// An id made of the cause, the subscription and the event's content.
    pub(crate) fn id<E: Event>(&self, event: &E) -> serde_json::Result<String> {
        let id = self.of(event)?;
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        let count = published.entry(id).or_default();
        *count += 1;
        let id = match *count {
            1 => id,
            // A handler that says the same twice means it twice.
            again => Uuid::new_v5(&id, &again.to_be_bytes()),
        };
        Ok(id.to_string())
    }

    /// The event was not published, although it was given an [`id`](Self::id): the next one of its content gets that.
    pub(crate) fn take_back<E: Event>(&self, event: &E) -> serde_json::Result<()> {
        let id = self.of(event)?;
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = published.get_mut(&id) {
            *count = count.saturating_sub(1);
        }
        Ok(())
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

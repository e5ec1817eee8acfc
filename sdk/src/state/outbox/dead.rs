use std::collections::VecDeque;
use std::fmt;

use jiff::Timestamp;

use super::{Outbox, OutboxError, statements};
use crate::Dialect;

/// An event that the broker has refused for good: too large, or nothing that its stream takes. It stays in the database
/// until somebody decides.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadEvent {
    /// Its row: what [`Outbox::retry`] and [`Outbox::discard`] take.
    pub id: i64,
    /// The event's id.
    pub event_id: String,
    /// What happened.
    pub event_type: String,
    /// The stream that should have it.
    pub stream: String,
    /// The subject that it was to be published on.
    pub subject: String,
    /// When it was put into the outbox, by the database's clock.
    pub stored_at: Timestamp,
    /// When it was refused, by the database's clock.
    pub died_at: Timestamp,
    /// The broker's word.
    pub error: String,
}

/// The dead events of an outbox, oldest first; see [`Outbox::dead`].
///
/// ```no_run
/// # #[cfg(feature = "sqlite")]
/// # async fn example(outbox: tidings::outbox::SqliteOutbox) -> Result<(), tidings::outbox::OutboxError> {
/// let last_seen = 17; // where another listing has ended
/// let mut dead = outbox.dead().after(last_seen);
/// while let Some(event) = dead.next().await? {
///     println!("{} {} since {}: {}", event.id, event.event_type, event.died_at, event.error);
/// }
/// println!("{} of them all", outbox.dead().all().await?.len());
/// # Ok(())
/// # }
/// ```
pub struct DeadEvents<DB: Dialect> {
    outbox: Outbox<DB>,
    page: VecDeque<DeadEvent>,
    after: i64,
}

impl<DB: Dialect> DeadEvents<DB> {
    pub(super) fn new(outbox: Outbox<DB>) -> Self {
        Self { outbox, page: VecDeque::new(), after: i64::MIN }
    }

    /// Only those behind this [row](DeadEvent::id): to go on where another listing has ended.
    #[must_use]
    pub fn after(mut self, id: i64) -> Self {
        self.after = id;
        self
    }

    /// The next one, or none where there are no more at the moment. They are read a hundred at a time.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn next(&mut self) -> Result<Option<DeadEvent>, OutboxError> {
        if self.page.is_empty() {
            self.page = statements::dead(self.outbox.pool(), self.after).await?.into();
        }
        let next = self.page.pop_front();
        if let Some(next) = &next {
            self.after = next.id;
        }
        Ok(next)
    }

    /// All that are left.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn all(mut self) -> Result<Vec<DeadEvent>, OutboxError> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await? {
            events.push(event);
        }
        Ok(events)
    }
}

impl<DB: Dialect> fmt::Debug for DeadEvents<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadEvents").field("after", &self.after).finish_non_exhaustive()
    }
}

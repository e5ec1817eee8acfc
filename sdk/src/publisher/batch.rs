use std::vec;

use super::{PublishError, Published};
use crate::broker::Outgoing;

/// One event on its way, with its copies in older versions. Nearly all events have none.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) event_type: &'static str,
    event: Outgoing,
    /// Those that are stored before it, in this order.
    before: Vec<Outgoing>,
    /// Those that are stored behind it.
    behind: Vec<Outgoing>,
}

impl Batch {
    /// On one subject the event is the last, so that its sequence is the one to expect next. Copies come oldest first: a
    /// subscription that moves on meanwhile meets a fact twice rather than not at all.
    ///
    /// What is expected of the subject is expected by the first message, and holds for all.
    pub(crate) fn new(
        event_type: &'static str,
        mut event: Outgoing,
        mut copies: Vec<Outgoing>,
    ) -> Self {
        if copies.iter().any(|copy| copy.subject != event.subject) {
            return Self { event_type, event, before: Vec::new(), behind: copies };
        }
        if let Some(first) = copies.first_mut() {
            first.expected_last_subject_sequence = event.expected_last_subject_sequence.take();
        }
        Self { event_type, event, before: copies, behind: Vec::new() }
    }

    /// The one message that it is, where it is one of this kind.
    #[allow(clippy::result_large_err, reason = "it is given back, and no error")]
    pub(super) fn alone(self, kind: impl Fn(&Outgoing) -> bool) -> Result<Outgoing, Self> {
        if self.len() == 1 && kind(&self.event) { Ok(self.event) } else { Err(self) }
    }

    /// Expects a last sequence of all subjects that a filter matches, its own among them.
    pub(super) fn expect_of(&mut self, filter: &str, sequence: u64) {
        let first = self.before.first_mut().unwrap_or(&mut self.event);
        first.expected_last_subject_sequence = Some(sequence);
        first.expected_filter = Some(filter.to_owned());
    }

    /// The id of the message that is stored last.
    pub(super) fn last_id(&self) -> &str {
        &self.behind.last().unwrap_or(&self.event).message_id
    }

    /// The event's id.
    pub(super) fn id(&self) -> &str {
        &self.event.message_id
    }

    /// The ids of its messages.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        let all = self.before.iter().chain([&self.event]).chain(&self.behind);
        all.map(|message| message.message_id.as_str())
    }

    /// How many messages it is.
    pub(super) fn len(&self) -> usize {
        self.before.len() + 1 + self.behind.len()
    }

    /// The same with each message changed.
    pub(super) fn map<F>(
        self,
        mut change: impl FnMut(Outgoing) -> Result<Outgoing, F>,
    ) -> Result<Self, F> {
        Ok(Self {
            event_type: self.event_type,
            before: self.before.into_iter().map(&mut change).collect::<Result<_, F>>()?,
            event: change(self.event)?,
            behind: self.behind.into_iter().map(change).collect::<Result<_, F>>()?,
        })
    }

    /// Which of its messages is the event itself.
    pub(super) fn own(&self) -> usize {
        self.before.len()
    }

    /// The message of the event itself, and those of its copies in older versions.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) fn into_parts(mut self) -> (Outgoing, Vec<Outgoing>) {
        self.before.append(&mut self.behind);
        (self.event, self.before)
    }

    /// The messages, in the order in which they are stored.
    pub(crate) fn into_messages(mut self) -> Vec<Outgoing> {
        self.before.push(self.event);
        self.before.append(&mut self.behind);
        self.before
    }

    /// The messages, and what becomes of their words.
    pub(super) fn split(self) -> (vec::IntoIter<Outgoing>, Words) {
        let (event_type, event) = (self.event_type, self.own());
        let words = Words { event_type, event, heard: Vec::new(), fault: None, partly: false };
        (self.into_messages().into_iter(), words)
    }
}

/// What the stream has said of the messages of a batch, one after the other.
#[derive(Debug)]
pub(super) struct Words {
    event_type: &'static str,
    event: usize,
    heard: Vec<Published>,
    /// What went wrong first.
    fault: Option<PublishError>,
    /// Whether something went wrong with some of them, and others are stored, or may be.
    partly: bool,
}

impl Words {
    /// The next word.
    pub(super) fn hear(&mut self, word: Result<Published, PublishError>) {
        match word {
            Ok(published) => {
                self.partly |= self.fault.is_some();
                self.heard.push(published);
            }
            Err(error) => {
                let more = self.fault.is_some();
                self.partly |= !self.heard.is_empty() || (more && error.is_unknown());
                self.fault.get_or_insert(error);
            }
        }
    }

    /// Whether all that was heard is good.
    pub(super) fn are_good(&self) -> bool {
        self.fault.is_none()
    }

    /// The event's own word, once each message that was sent has its word. An error is not the whole truth where other
    /// messages are stored.
    pub(super) fn own(mut self) -> Result<Published, PublishError> {
        match self.fault {
            None => Ok(self.heard.swap_remove(self.event)),
            Some(error) if self.partly => Err(PublishError::Incomplete {
                event_type: self.event_type,
                source: Box::new(error),
            }),
            Some(error) => Err(error),
        }
    }
}

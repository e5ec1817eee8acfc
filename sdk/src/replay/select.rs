//! Which events are meant.

use jiff::Timestamp;

use crate::broker::{Pattern, StoredMessage};
use crate::message::envelope::Envelope;
use crate::message::text::Text;

use super::ReplayError;

/// What was asked for, as it was asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    pub(super) subject: Option<String>,
    pub(super) event_types: Vec<String>,
    pub(super) organization: Option<String>,
    pub(super) key: Option<String>,
    pub(super) since: Option<Timestamp>,
    pub(super) before: Option<Timestamp>,
    pub(super) first: Option<u64>,
    pub(super) last: Option<u64>,
}

impl Selection {
    /// The subject filter, if there is one.
    pub(super) fn pattern(&self) -> Result<Option<Pattern>, ReplayError> {
        let Some(filter) = &self.subject else { return Ok(None) };
        let pattern = Pattern::parse(filter);
        pattern.map(Some).ok_or_else(|| ReplayError::Subject { filter: filter.clone() })
    }

    /// Whether nothing is meant from this message on.
    pub(super) fn is_over(&self, message: &StoredMessage) -> bool {
        self.last.is_some_and(|last| message.sequence > last)
            || self.before.is_some_and(|before| message.time >= before)
    }

    /// Whether a message is too early to be meant.
    pub(super) fn is_before(&self, message: &StoredMessage) -> bool {
        self.first.is_some_and(|first| message.sequence < first)
            || self.since.is_some_and(|since| message.time < since)
    }

    /// Whether an event is meant, by what its envelope says.
    pub(super) fn is_meant(&self, envelope: &Envelope) -> bool {
        let same = |wanted: &Option<String>, found: &Option<Text>| {
            wanted.is_none() || wanted.as_deref() == found.as_deref()
        };
        let of_type = |wanted: &String| *wanted == envelope.event_type;
        (self.event_types.is_empty() || self.event_types.iter().any(of_type))
            && same(&self.organization, &envelope.organization_id)
            && same(&self.key, &envelope.partition_key)
    }
}

//! An event in the older versions that the catalog has it published in too.

use uuid::Uuid;

use super::PublishError;
use crate::message::personal::without_values;
use crate::upcast::Downcasted;
use crate::{Event, EventSpec};

/// An event in an older version.
pub(crate) struct Older {
    pub(crate) spec: &'static EventSpec,
    pub(crate) event: Downcasted,
}

impl Older {
    /// The id of the copy: the same each time, so that a repeated copy is a duplicate.
    pub(super) fn id(&self, event: &str) -> String {
        copy_id(event, self.spec.version.major)
    }
}

/// The id of an event's copy in an older version.
pub(super) fn copy_id(event: &str, major: u16) -> String {
    let content = format!("tidings\0copy\0{event}\0{major}");
    Uuid::new_v5(&Uuid::NAMESPACE_URL, content.as_bytes()).to_string()
}

/// The event in each older version, oldest first: a version's own downcast goes on where a newer one's has ended.
pub(crate) fn versions<E: Event>(event: &E, validate: bool) -> Result<Vec<Older>, PublishError> {
    let mut older: Vec<Older> = Vec::new();
    let event_type = E::SPEC.event_type;
    let mut newer = E::SPEC;
    while let Some(downcast) = newer.downcast {
        let spec = downcast.to();
        let payload = match older.last() {
            Some(last) => last.event.payload.clone(),
            None => serde_json::to_value(event)
                .map_err(|error| without_values(E::SPEC, error))
                .map_err(|source| PublishError::Encode { event_type, source })?,
        };
        let version = spec.version;
        let event = downcast.cast(payload, validate).map_err(|reason| PublishError::Downcast {
            event_type,
            version,
            reason,
        })?;
        older.push(Older { spec, event });
        newer = spec;
    }
    older.reverse();
    Ok(older)
}

/// The major versions in which the fact is published, where these are several.
pub(super) fn majors(spec: &EventSpec, older: &[Older]) -> Vec<u16> {
    let own = (!older.is_empty()).then_some(spec.version.major);
    older.iter().map(|older| older.spec.version.major).chain(own).collect()
}

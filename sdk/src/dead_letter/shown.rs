//! A payload as it may be shown.

use serde_json::Value;

use crate::EventSpec;
use crate::message::envelope::{self, Data};
use crate::message::headers::Headers;

/// An event's payload without its personal data; none where the catalog does not know all that may be in it: it is of another
/// type, of another or a newer version, or no event.
pub(super) fn shown(
    events: &[&'static EventSpec],
    headers: &Headers,
    payload: &[u8],
    largest: usize,
) -> Option<String> {
    let received = envelope::read(headers, payload, largest).ok()?;
    let data = match received.data {
        Data::Here(data) => data,
        Data::There(_) => return Some("<in the Object Store, not shown>".to_owned()),
    };
    let version = received.envelope.schema_version?;
    let known = events.iter().find(|spec| {
        spec.event_type == received.envelope.event_type
            && spec.version.major == version.major
            && spec.version.minor >= version.minor
    })?;
    let payload: Value = serde_json::from_str(&data).ok()?;
    // Whatever is no object is not what the catalog has marked.
    payload.is_object().then(|| known.redacted(payload).to_string())
}

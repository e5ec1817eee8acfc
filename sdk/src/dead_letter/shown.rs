//! A payload as it may be shown.

use crate::EventSpec;
use crate::contract::catalog;
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
    catalog::shown(events, &received.envelope, &data).map(|payload| payload.to_string())
}

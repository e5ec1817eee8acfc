//! Dead letters as they are shown: without personal data, and without what may be large.

use serde::Serialize;
use serde_json::Value;

use crate::catalog::Catalog;
use crate::{DeadLetter, Reason, Timestamp};

/// Payloads of more bytes are not shown.
const LARGEST: usize = 256 << 10;

#[derive(Serialize)]
pub(super) struct LetterView<'l> {
    id: u64,
    /// Of the catalog, where it still knows the subscription.
    service: Option<&'static str>,
    subscription: Option<&'static str>,
    durable: &'l str,
    reason: Option<&'static str>,
    error: &'l str,
    chain: &'l [String],
    attempts: u64,
    event_type: Option<&'l str>,
    event_id: Option<&'l str>,
    source: Source<'l>,
    first_failure: Option<Timestamp>,
    last_failure: Option<Timestamp>,
    time: Timestamp,
    payload_missing: bool,
}

#[derive(Serialize)]
struct Source<'l> {
    stream: &'l str,
    subject: &'l str,
    sequence: u64,
}

/// The same with its payload.
#[derive(Serialize)]
pub(super) struct WholeView<'l> {
    #[serde(flatten)]
    letter: LetterView<'l>,
    /// With `<redacted>` in the place of personal data; null where it cannot be shown.
    payload: Option<Value>,
    /// Why not.
    payload_note: Option<String>,
}

impl<'l> LetterView<'l> {
    pub(super) fn new(catalog: &Catalog, letter: &'l DeadLetter) -> Self {
        let durable = letter.subscription.as_str();
        let spec = catalog.subscriptions.iter().find(|spec| spec.durable == durable);
        Self {
            id: letter.sequence,
            service: spec.map(|spec| spec.service),
            subscription: spec.map(|spec| spec.name),
            durable,
            reason: letter.reason.map(Reason::as_str),
            error: &letter.error,
            chain: &letter.chain,
            attempts: letter.attempts,
            event_type: letter.event_type.as_deref(),
            event_id: letter.event_id.as_deref(),
            source: Source {
                stream: &letter.source_stream,
                subject: &letter.source_subject,
                sequence: letter.source_sequence,
            },
            first_failure: letter.first_failure,
            last_failure: letter.last_failure,
            time: letter.time,
            payload_missing: letter.payload_missing,
        }
    }
}

impl<'l> WholeView<'l> {
    pub(super) fn new(catalog: &Catalog, letter: &'l DeadLetter) -> Self {
        let shown = letter.payload_redacted();
        let (payload, payload_note) = if letter.payload_missing {
            (None, Some("left out: it is in its own stream, if anywhere".to_owned()))
        } else if shown.len() > LARGEST {
            (None, Some(format!("<{} bytes, not shown>", shown.len())))
        } else {
            match serde_json::from_str(&shown) {
                Ok(payload) => (Some(payload), None),
                Err(_) => (None, Some(shown)),
            }
        };
        Self { letter: LetterView::new(catalog, letter), payload, payload_note }
    }
}

//! A dead letter for machines.

use serde_json::{Value, json};
use tidings::{DeadLetter, Reason};

use crate::online::known::Known;

pub(super) fn letter(letter: &DeadLetter, known: &Known) -> Value {
    let payload: Option<Value> = serde_json::from_str(&letter.payload_redacted()).ok();
    json!({
        "sequence": letter.sequence,
        "time": letter.time.to_string(),
        "subscription": known.named(&letter.subscription),
        "durable": letter.subscription,
        "reason": letter.reason.map(Reason::as_str),
        "error": letter.error,
        "chain": letter.chain,
        "attempts": letter.attempts,
        "event": letter.event_type,
        "id": letter.event_id,
        "organization": letter.organization_id,
        "source": {
            "stream": letter.source_stream,
            "sequence": letter.source_sequence,
            "subject": letter.source_subject,
        },
        "first_failure": letter.first_failure.map(|time| time.to_string()),
        "last_failure": letter.last_failure.map(|time| time.to_string()),
        "payload": payload,
        "payload_missing": letter.payload_missing,
    })
}

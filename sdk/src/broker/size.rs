//! How large a message is: a server counts the headers too.

use crate::broker::{EXPECTED_OF, MESSAGE_ID, Outgoing};
use crate::message::headers::Headers;

/// Bytes of a message that no stream is asked to take.
pub(super) fn plain(headers: &Headers, payload: &[u8]) -> usize {
    let lines: usize = headers.iter().map(|(name, value)| line(name, value.len())).sum();
    let block = if headers.is_empty() { 0 } else { "NATS/1.0\r\n\r\n".len() + lines };
    block + payload.len()
}

/// Bytes of headers and payload as they are published.
pub(super) fn published(message: &Outgoing) -> usize {
    let own = message.headers.iter().map(|(name, value)| line(name, value.len()));
    let expected = message.expected_last_subject_sequence.map(|sequence| {
        line(
            "Nats-Expected-Last-Subject-Sequence",
            sequence.checked_ilog10().unwrap_or(0) as usize + 1,
        )
    });
    let of = message.expected_filter.as_ref().filter(|_| expected.is_some());
    let of = of.map(|filter| line(EXPECTED_OF, filter.len()));
    "NATS/1.0\r\n\r\n".len()
        + own.sum::<usize>()
        + line(MESSAGE_ID, message.message_id.len())
        + line("Nats-Expected-Stream", message.stream.len())
        + expected.unwrap_or(0)
        + of.unwrap_or(0)
        + message.payload.len()
}

/// Bytes of headers and payload as they are published among others that are stored all or not at all; at most.
pub(super) fn in_batch(message: &Outgoing) -> usize {
    published(message)
        + line("Nats-Batch-Id", 36)
        + line("Nats-Batch-Sequence", 4)
        + line("Nats-Batch-Commit", 1)
}

/// Bytes of headers and payload as they are published in a load; at most.
pub(super) fn in_load(message: &Outgoing) -> usize {
    let own = message.headers.iter().map(|(name, value)| line(name, value.len()));
    "NATS/1.0\r\n\r\n".len()
        + own.sum::<usize>()
        + line("Nats-Expected-Stream", message.stream.len())
        + message.payload.len()
}

fn line(name: &str, value: usize) -> usize {
    name.len() + ": ".len() + value + "\r\n".len()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::message::headers::Headers;

    #[test]
    fn headers_count() {
        let mut headers = Headers::new();
        headers.insert("ce-type", "a.b").expect("a valid header");
        let message = Outgoing {
            subject: "s.a".into(),
            headers,
            payload: Bytes::from_static(b"body"),
            message_id: "17".into(),
            stream: "S",
            expected_last_subject_sequence: Some(100),
            expected_filter: Some("s.>".into()),
            claim_check_above: None,
            is_new: false,
        };
        let wire = "NATS/1.0\r\nce-type: a.b\r\nNats-Msg-Id: 17\r\nNats-Expected-Stream: S\r\n\
                    Nats-Expected-Last-Subject-Sequence: 100\r\n\
                    Nats-Expected-Last-Subject-Sequence-Subject: s.>\r\n\r\nbody";
        assert_eq!(published(&message), wire.len());
    }
}

//! A stream `S` of `s.>`, a consumer of it and messages for it, to be varied by the tests.

use std::time::Duration;

use bytes::Bytes;

use super::Embedded;
use crate::broker::{ConsumerSpec, Outgoing, Stored};
use crate::catalog::{Ownership, Start, Storage, StreamLimits, StreamSpec};
use crate::message::headers::Headers;

pub(super) const SECOND: Duration = Duration::from_secs(1);

pub(crate) const LIMITS: StreamLimits = StreamLimits {
    storage: Storage::File,
    max_age: None,
    max_bytes: None,
    replicas: 1,
    duplicate_window: Duration::from_secs(120),
};

pub(crate) const CONSUMER: ConsumerSpec = ConsumerSpec {
    stream: "S",
    durable: "billing-invoicing",
    filters: &[],
    ack_wait: Duration::from_secs(30),
    max_ack_pending: 1000,
    start: Start::All,
    concurrency: 16,
};

pub(super) const fn stream(name: &'static str, subjects: &'static [&'static str]) -> StreamSpec {
    StreamSpec {
        name,
        subjects,
        ownership: Ownership::Managed,
        bulk: false,
        limits: LIMITS,
        environments: &[],
    }
}

pub(super) const STREAM: StreamSpec = stream("S", &["s.>"]);

/// A broker with the stream `S` and its limits.
pub(crate) async fn broker(limits: StreamLimits) -> Embedded {
    let broker = Embedded::new();
    broker.ensure_stream(&STREAM, &limits).await.expect("a stream");
    broker
}

/// A message to the stream `S`.
pub(super) fn message(subject: &str, id: &str) -> Outgoing {
    Outgoing {
        subject: subject.into(),
        headers: Headers::new(),
        payload: Bytes::from_static(b"{}"),
        message_id: id.into(),
        stream: "S",
        expected_last_subject_sequence: None,
        expected_filter: None,
        claim_check_above: None,
        is_new: false,
    }
}

/// Publishes a message without an id, and returns its sequence.
pub(crate) fn publish(broker: &Embedded, subject: &str) -> u64 {
    let sent = broker.send(&message(subject, "")).expect("an open broker");
    let stored = futures_util::future::FutureExt::now_or_never(sent);
    let Stored { sequence, .. } = stored.expect("an answer at once").expect("stored");
    sequence
}

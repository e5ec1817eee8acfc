//! Steps on an event's way that nothing public does alone, for the micro-benchmarks. No stable interface.

use async_nats::HeaderMap;
use bytes::Bytes;
use jiff::Timestamp;

use crate::broker::{BrokerError, Outgoing, jetstream};
use crate::message::envelope::{self, Head};
use crate::{ContentMode, Envelope, EnvelopeError, Event, Headers, Subscriber};

const ID: &str = "019cadd3-8782-7db2-b428-1a2d94af3083";

/// Writes an event as it is published: with every attribute that events of a service have.
///
/// # Errors
/// It cannot be written as JSON.
pub fn write<E: Event>(
    mode: ContentMode,
    time: Timestamp,
    event: &E,
) -> Result<(Headers, Bytes), serde_json::Error> {
    let spec = E::SPEC;
    let key = event.key();
    let head = Head {
        id: ID,
        source: "/benches/micro",
        event_type: spec.event_type,
        time,
        data_schema: spec.data_schema,
        schema_version: spec.version,
        majors: &[],
        copy_of: None,
        key: key.as_deref(),
        aggregate_version: None,
        organization_id: Some("acme"),
        correlation_id: ID,
        causation_id: None,
        trace_parent: None,
        trace_state: None,
    };
    envelope::write(mode, &head, event)
}

/// Reads the attributes of an event, and finds its payload.
///
/// # Errors
/// It is none.
pub fn read(headers: &Headers, body: &[u8]) -> Result<Envelope, EnvelopeError> {
    let received = envelope::read(headers, body, usize::MAX)?;
    // A reader looks at it too.
    std::hint::black_box(&received.data);
    Ok(received.envelope)
}

/// Whether a handler takes an event: the search for its route.
pub fn routed(subscriber: &Subscriber, envelope: &Envelope) -> bool {
    subscriber.dispatch.takes(envelope, false)
}

/// A message on its way to a stream.
#[derive(Debug)]
pub struct Sent(Outgoing);

impl Sent {
    /// With these headers, beside those that each message has.
    pub fn new<E: Event>(headers: Headers) -> Self {
        Self(Outgoing {
            subject: "".into(),
            headers,
            payload: Bytes::new(),
            message_id: ID.to_owned(),
            stream: E::SPEC.stream,
            expected_last_subject_sequence: None,
            expected_filter: None,
            claim_check_above: None,
            is_new: false,
        })
    }

    /// Its headers as the client library takes them.
    ///
    /// # Errors
    /// One of them cannot be sent.
    pub fn header_map(&self) -> Result<HeaderMap, BrokerError> {
        jetstream::header_map(&self.0)
    }
}

/// The headers of a message as the client library gives them.
pub fn received(map: HeaderMap) -> Headers {
    Headers::received(Some(map))
}

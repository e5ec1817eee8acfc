//! The broker's word that it delivers a message to a consumer no more, as a server gives it: to whoever captures it.

use bytes::Bytes;
use serde_json::json;

use super::consumer::GivenUp;
use super::{Embedded, State, Stream};
use crate::broker::{BrokerError, ConsumerSpec, Outgoing};
use crate::message::headers::Headers;

/// Why nothing is delivered any more.
#[derive(Clone, Copy, Debug)]
enum Cause<'a> {
    /// It was handed out as often as it may be.
    MaxDeliveries,
    /// Somebody has said so.
    Terminated { reason: &'a str },
}

impl Embedded {
    /// Ends a delivery for good, and tells of it, unless it was settled before.
    pub(super) fn terminate(
        &self,
        spec: &ConsumerSpec,
        sequence: u64,
        reason: &str,
    ) -> Result<(), BrokerError> {
        let mut ended = None;
        self.change_consumer(spec, |consumer, _| ended = consumer.give_up(sequence))?;
        self.advise(spec, ended.as_slice(), Cause::Terminated { reason })
    }

    /// Ends what a consumer has handed out as often as somebody allows it to.
    pub(super) fn exhaust(&self, stream: &str, durable: &str) -> Result<(), BrokerError> {
        let Some(most) = self.faults.limit_of(durable) else { return Ok(()) };
        let ended = self.with_stream(stream, |stream, now| {
            let mut ended = Vec::new();
            stream.change_consumer(durable, |consumer| ended = consumer.exhausted(most, now));
            Ok(ended)
        })?;
        self.advise_of(stream, durable, &ended, Cause::MaxDeliveries)
    }

    fn advise(
        &self,
        spec: &ConsumerSpec,
        ended: &[GivenUp],
        cause: Cause<'_>,
    ) -> Result<(), BrokerError> {
        self.advise_of(spec.stream, spec.durable, ended, cause)
    }

    fn advise_of(
        &self,
        stream: &str,
        durable: &str,
        ended: &[GivenUp],
        cause: Cause<'_>,
    ) -> Result<(), BrokerError> {
        if ended.is_empty() {
            return Ok(());
        }
        self.with_state(|state, now| {
            let time = self.clock.time_at(now);
            for GivenUp { sequence, deliveries } in ended {
                let (kind, token, reason) = match cause {
                    Cause::MaxDeliveries => ("max_deliver", "MAX_DELIVERIES", None),
                    Cause::Terminated { reason } => {
                        ("terminated", "MSG_TERMINATED", (!reason.is_empty()).then_some(reason))
                    }
                };
                let subject = format!("$JS.EVENT.ADVISORY.CONSUMER.{token}.{stream}.{durable}");
                let Some(holder) = state.capturing(&subject) else { continue };
                let id = uuid::Uuid::now_v7().simple().to_string();
                let mut body = json!({
                    "type": format!("io.nats.jetstream.advisory.v1.{kind}"),
                    "id": id,
                    "timestamp": time,
                    "stream": stream,
                    "consumer": durable,
                    "stream_seq": sequence,
                    "deliveries": deliveries,
                });
                if let Some(reason) = reason {
                    body["reason"] = reason.into();
                }
                // It does not matter to the one whose delivery has ended whether there was room for it.
                let _ = holder.store(&advisory(subject, id, body.to_string().into()), time, now);
            }
            Ok(())
        })
    }
}

impl State {
    /// The stream that takes what is sent to a subject.
    fn capturing(&mut self, subject: &str) -> Option<&mut Stream> {
        self.streams.values_mut().find(|stream| stream.captures(subject))
    }
}

/// It is sent to no stream in particular.
fn advisory(subject: String, message_id: String, payload: Bytes) -> Outgoing {
    Outgoing {
        subject: subject.into(),
        headers: Headers::new(),
        payload,
        message_id,
        stream: "",
        expected_last_subject_sequence: None,
        expected_filter: None,
        claim_check_above: None,
        is_new: false,
    }
}

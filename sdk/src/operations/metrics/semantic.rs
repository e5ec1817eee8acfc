//! The same by OpenTelemetry's semantic conventions for messaging, for collectors that expect those names.

use opentelemetry::metrics::{Counter, Histogram, Meter};
use opentelemetry::{KeyValue, global};

use super::{Failing, Status};
use crate::catalog::SubscriptionSpec;
use crate::{EventSpec, Outcome};

/// Seconds; the conventions' own advice.
const BOUNDARIES: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
const ERROR_TYPE: &str = "error.type";

/// What is sent of an event.
#[derive(Debug)]
pub(super) struct Publishing {
    sent: Counter<u64>,
    duration: Histogram<f64>,
    attributes: Vec<KeyValue>,
}

/// What a subscription makes of an event.
#[derive(Debug)]
pub(super) struct Processing {
    consumed: Counter<u64>,
    duration: Histogram<f64>,
    attributes: Vec<KeyValue>,
}

impl Publishing {
    pub(super) fn new(spec: &'static EventSpec) -> Self {
        let meter = meter();
        Self {
            sent: meter
                .u64_counter("messaging.client.sent.messages")
                .with_unit("{message}")
                .with_description("Events that were to be sent to their stream.")
                .build(),
            duration: meter
                .f64_histogram("messaging.client.operation.duration")
                .with_unit("s")
                .with_description("Time from the call to the outcome of a publish.")
                .with_boundaries(BOUNDARIES.to_vec())
                .build(),
            attributes: vec![
                KeyValue::new("messaging.system", "nats"),
                KeyValue::new("messaging.operation.name", "publish"),
                KeyValue::new("messaging.operation.type", "send"),
                KeyValue::new("messaging.destination.name", spec.stream),
                KeyValue::new("cloudevents.event_type", spec.event_type),
            ],
        }
    }

    pub(super) fn ended(&self, outcome: Outcome, elapsed: f64) {
        let failed = !matches!(outcome, Outcome::Stored | Outcome::Duplicate);
        with(&self.attributes, failed.then(|| outcome.as_str()), |attributes| {
            self.sent.add(1, attributes);
            self.duration.record(elapsed, attributes);
        });
    }
}

impl Processing {
    pub(super) fn new(spec: &'static SubscriptionSpec, event_type: &'static str) -> Self {
        let meter = meter();
        Self {
            consumed: meter
                .u64_counter("messaging.client.consumed.messages")
                .with_unit("{message}")
                .with_description("Deliveries that were settled.")
                .build(),
            duration: meter
                .f64_histogram("messaging.process.duration")
                .with_unit("s")
                .with_description("Time that an attempt to handle an event took.")
                .with_boundaries(BOUNDARIES.to_vec())
                .build(),
            attributes: vec![
                KeyValue::new("messaging.system", "nats"),
                KeyValue::new("messaging.operation.name", "process"),
                KeyValue::new("messaging.operation.type", "process"),
                KeyValue::new("messaging.destination.name", spec.stream),
                KeyValue::new("messaging.consumer.group.name", spec.durable),
                KeyValue::new("cloudevents.event_type", event_type),
            ],
        }
    }

    pub(super) fn ended(&self, failing: Option<Failing>, elapsed: f64) {
        with(&self.attributes, failing.map(Failing::as_str), |attributes| {
            self.duration.record(elapsed, attributes);
        });
    }

    pub(super) fn settled(&self, status: Status) {
        let failed = matches!(status, Status::Retried | Status::DeadLettered);
        with(&self.attributes, failed.then(|| status.as_str()), |attributes| {
            self.consumed.add(1, attributes);
        });
    }
}

/// Attributes, with an error's where there is one: that is rare, and alone costs a list of its own.
fn with(attributes: &[KeyValue], error: Option<&'static str>, report: impl FnOnce(&[KeyValue])) {
    match error {
        None => report(attributes),
        Some(error) => {
            let mut attributes = attributes.to_vec();
            attributes.push(KeyValue::new(ERROR_TYPE, error));
            report(&attributes);
        }
    }
}

fn meter() -> Meter {
    global::meter("tidings")
}

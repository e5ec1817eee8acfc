//! Spans of what is published, handled and settled, with the fields of OpenTelemetry's conventions for messaging, and the
//! W3C trace context that leads from one to the next.
//!
//! They are spans of `tracing`: whoever subscribes sees them. With the feature `otlp`, and its layer installed, they are
//! spans of OpenTelemetry: a publish is the child of the caller's span, a delivery the child of the publish, and what its
//! handler publishes the child of the delivery, in whatever process. Without, the context that an event came with is handed
//! on to those that follow from it.
//!
//! Whether one is sampled is decided before it is made ([`sampling`]): of what is not, OpenTelemetry has no span at all, only the
//! context that goes on.
//!
//! No field holds anything of a payload, nor a subject or key, which are made of it.

#[cfg(feature = "otlp")]
mod context;
#[cfg(feature = "otlp")]
pub(super) mod sampling;
mod span;

use std::sync::Arc;

use tracing::field::Empty;
use tracing::info_span;

pub(crate) use self::span::Span;
use crate::catalog::SubscriptionSpec;
use crate::message::envelope::Envelope;
use crate::message::headers::Headers;
use crate::publisher::Origin;
use crate::{EventSpec, Outcome};

/// The headers that a trace's context is in, where there is no envelope.
const TRACE_PARENT: &str = "traceparent";
const TRACE_STATE: &str = "tracestate";
/// Whose spans they are, to a filter.
#[cfg(feature = "otlp")]
const TARGET: &str = module_path!();

/// The trace that an event is part of, as it was told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    /// By whoever publishes it.
    pub(crate) given: Option<TraceContext>,
    /// By the event that it follows from.
    pub(crate) cause: Option<TraceContext>,
}

/// W3C trace context: a span of some process, and what tracing systems add to it.
#[derive(Clone, Debug)]
pub(crate) struct TraceContext {
    pub(crate) parent: Arc<str>,
    pub(crate) state: Option<Arc<str>>,
}

/// Makes a span, the child of what is given first, or of the span that it is made in. For where it is not sampled there is a
/// callsite of its own, which whoever writes logs takes for the same.
macro_rules! begin {
    ($parent:expr, $name:literal, $($fields:tt)+) => {{
        #[cfg(feature = "otlp")]
        {
            sampling::begin($parent, |is_sampled| match is_sampled {
                true => info_span!($name, $($fields)+),
                false => info_span!($name, tidings.unsampled = Empty, $($fields)+),
            })
        }
        #[cfg(not(feature = "otlp"))]
        {
            Span::from(info_span!($name, $($fields)+))
        }
    }};
}

impl TraceContext {
    /// What an event came with.
    pub(crate) fn of(envelope: &Envelope) -> Option<Self> {
        let parent = envelope.trace_parent.as_deref()?.into();
        Some(Self { parent, state: envelope.trace_state.as_deref().map(Into::into) })
    }

    /// The headers that it is handed on in.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let state = self.state.as_deref().map(|state| (TRACE_STATE, state));
        std::iter::once((TRACE_PARENT, &*self.parent)).chain(state)
    }
}

/// The span of a publish, from the call to the outcome.
pub(crate) fn publish(origin: &Origin, spec: &EventSpec) -> Span {
    begin!(
        || context::of_publish(&origin.trace),
        "publish",
        otel.name = format_args!("publish {}", spec.event_type),
        otel.kind = "producer",
        otel.status_code = Empty,
        error.type = Empty,
        messaging.system = "nats",
        messaging.operation.name = "publish",
        messaging.operation.type = "send",
        messaging.destination.name = spec.stream,
        messaging.destination.template = spec.filter,
        messaging.message.id = Empty,
        messaging.message.conversation_id = origin.correlation_id.as_deref(),
        cloudevents.event_type = spec.event_type,
        tidings.service = origin.service.name,
        tidings.outcome = Empty,
    )
}

/// The span of a bulk load, from its first event until it is finished or has broken off.
pub(crate) fn load(origin: &Origin, spec: &EventSpec) -> Span {
    begin!(
        || context::of_publish(&origin.trace),
        "publish",
        otel.name = format_args!("load {}", spec.stream),
        otel.kind = "producer",
        otel.status_code = Empty,
        error.type = Empty,
        messaging.system = "nats",
        messaging.operation.name = "load",
        messaging.operation.type = "send",
        messaging.destination.name = spec.stream,
        messaging.batch.message_count = Empty,
        messaging.message.conversation_id = origin.correlation_id.as_deref(),
        tidings.service = origin.service.name,
        tidings.outcome = Empty,
    )
}

/// What became of a load.
pub(crate) fn loaded(span: &Span, events: u64, outcome: Outcome) {
    span.record("messaging.batch.message_count", events);
    published(span, outcome);
}

/// The event of a publish has its id.
pub(crate) fn named(span: &Span, id: &str) {
    span.record("messaging.message.id", id);
}

/// What became of a publish.
pub(crate) fn published(span: &Span, outcome: Outcome) {
    span.record("tidings.outcome", outcome.as_str());
    if !matches!(outcome, Outcome::Stored | Outcome::Duplicate) {
        failed(span, outcome.as_str());
    }
}

/// What became of a delivery.
pub(crate) fn settled(span: &Span, outcome: &str) {
    span.record("tidings.outcome", outcome);
}

/// The context to send along with what is published within this span.
pub(crate) fn carried(trace: &Trace) -> Option<TraceContext> {
    #[cfg(feature = "otlp")]
    if let Some(here) = context::here() {
        return Some(here);
    }
    trace.given.clone().or_else(|| trace.cause.clone())
}

/// The span of a delivery, from the handler's first attempt until it is settled.
pub(crate) fn process(spec: &SubscriptionSpec, envelope: &Envelope, attempt: u64) -> Span {
    begin!(
        || context::told(envelope.trace_parent.as_deref(), envelope.trace_state.as_deref()),
        "process",
        otel.name = format_args!("process {}", envelope.event_type),
        otel.kind = "consumer",
        otel.status_code = Empty,
        error.type = Empty,
        messaging.system = "nats",
        messaging.operation.name = "process",
        messaging.operation.type = "process",
        messaging.destination.name = spec.stream,
        messaging.consumer.group.name = spec.durable,
        messaging.message.id = envelope.id.as_str(),
        messaging.message.conversation_id = envelope.correlation_id.as_deref(),
        cloudevents.event_type = envelope.event_type.as_str(),
        cloudevents.event_source = envelope.source.as_str(),
        tidings.attempt = attempt,
        tidings.outcome = Empty,
    )
}

/// The span of answering a question that came on what matches `pattern`.
pub(crate) fn answer(pattern: &str, asked: &Headers) -> Span {
    #[cfg(not(feature = "otlp"))]
    let _ = asked;
    begin!(
        || context::told(asked.get(TRACE_PARENT), asked.get(TRACE_STATE)),
        "process",
        otel.name = format_args!("answer {pattern}"),
        otel.kind = "server",
        otel.status_code = Empty,
        error.type = Empty,
        messaging.system = "nats",
        messaging.operation.name = "answer",
        messaging.operation.type = "process",
        messaging.destination.template = pattern,
    )
}

/// The span of telling the broker what became of a delivery.
pub(crate) fn settle(spec: &SubscriptionSpec, operation: &'static str) -> Span {
    begin!(
        || None,
        "settle",
        otel.name = format_args!("{operation} {}", spec.durable),
        otel.kind = "client",
        messaging.system = "nats",
        messaging.operation.name = operation,
        messaging.operation.type = "settle",
        messaging.destination.name = spec.stream,
        messaging.consumer.group.name = spec.durable,
    )
}

/// Marks a span as failed, with a word for how.
pub(crate) fn failed(span: &tracing::Span, how: &'static str) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", how);
}

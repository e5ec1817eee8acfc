//! W3C trace context, out of OpenTelemetry's spans and into them.

use std::collections::HashMap;

use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::{TRACE_PARENT, TRACE_STATE, Trace, TraceContext};

/// Makes a publish's span the child of what its publisher names; else of the span that it is published in; else, where a
/// handler has left its span behind, of what the event came with that it follows from.
pub(super) fn adopt(span: &Span, trace: &Trace) {
    if let Some(given) = &trace.given {
        continues(span, given);
    } else if let Some(cause) = &trace.cause
        && here().is_none()
    {
        continues(span, cause);
    }
}

/// Makes a span the child of one in another process.
pub(super) fn continues(span: &Span, context: &TraceContext) {
    let headers = context.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let carrier: HashMap<_, _> = headers.collect();
    let parent = TraceContextPropagator::new().extract(&carrier);
    if parent.span().span_context().is_valid() {
        // Without OpenTelemetry's layer there is nothing to be the parent of.
        let _ = span.set_parent(parent);
    }
}

/// The context of the span that this is called in, where it is one of OpenTelemetry's.
pub(super) fn here() -> Option<TraceContext> {
    let context: Context = Span::current().context();
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&context, &mut carrier);
    let parent = carrier.remove(TRACE_PARENT)?.into();
    let state = carrier.remove(TRACE_STATE).filter(|state| !state.is_empty());
    Some(TraceContext { parent, state: state.map(Into::into) })
}

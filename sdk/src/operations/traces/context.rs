//! W3C trace context, out of OpenTelemetry's spans and into them.

use std::collections::HashMap;
use std::sync::Arc;

use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::{TRACE_PARENT, Trace};

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
pub(super) fn continues(span: &Span, trace_parent: &str) {
    let carrier = HashMap::from([(TRACE_PARENT.to_owned(), trace_parent.to_owned())]);
    let parent = TraceContextPropagator::new().extract(&carrier);
    if parent.span().span_context().is_valid() {
        // Without OpenTelemetry's layer there is nothing to be the parent of.
        let _ = span.set_parent(parent);
    }
}

/// The context of the span that this is called in, where it is one of OpenTelemetry's.
pub(super) fn here() -> Option<Arc<str>> {
    let context: Context = Span::current().context();
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&context, &mut carrier);
    carrier.remove(TRACE_PARENT).map(Into::into)
}

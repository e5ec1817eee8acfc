//! W3C trace context, out of OpenTelemetry's spans and into them.

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::{TRACE_PARENT, TRACE_STATE, Trace, TraceContext};

/// `traceparent`: its version, a trace, a span, and whether they are sampled.
const NOTHING: &[u8; 55] = b"00-00000000000000000000000000000000-0000000000000000-00";

/// What a publish is the child of: what its publisher names; else the span that it is published in, which need not be named; else,
/// where a handler has left its span behind, what the event came with that it follows from.
pub(super) fn of_publish(trace: &Trace) -> Option<Context> {
    let named = match &trace.given {
        Some(given) => given,
        None => trace.cause.as_ref().filter(|_| current().is_none())?,
    };
    told(Some(&named.parent), named.state.as_deref())
}

/// The context of a span in another process. What makes no sense says nothing.
pub(super) fn told(parent: Option<&str>, state: Option<&str>) -> Option<Context> {
    let headers = Told { parent: Some(parent?), state };
    Some(TraceContextPropagator::new().extract(&headers)).filter(is_valid)
}

/// What to send along from the span that this is called in, where it is one of OpenTelemetry's.
pub(super) fn here() -> Option<TraceContext> {
    let context = current()?;
    let (span, mut parent) = (context.span(), *NOTHING);
    let span = span.span_context();
    write_hex(&span.trace_id().to_bytes(), &mut parent[3..35]);
    write_hex(&span.span_id().to_bytes(), &mut parent[36..52]);
    parent[54] += u8::from(span.is_sampled());
    let state = span.trace_state().header();
    Some(TraceContext {
        parent: std::str::from_utf8(&parent).ok()?.into(),
        state: (!state.is_empty()).then(|| state.into()),
    })
}

fn current() -> Option<Context> {
    // A layer that somebody else has set up may not make its spans OpenTelemetry's current ones.
    let of_span = || Some(Span::current().context()).filter(is_valid);
    Some(Context::current()).filter(is_valid).or_else(of_span)
}

fn is_valid(context: &Context) -> bool {
    context.span().span_context().is_valid()
}

fn write_hex(bytes: &[u8], text: &mut [u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (byte, pair) in bytes.iter().zip(text.chunks_exact_mut(2)) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
}

/// The headers of a context.
struct Told<'a> {
    parent: Option<&'a str>,
    state: Option<&'a str>,
}

impl Extractor for Told<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            TRACE_PARENT => self.parent,
            TRACE_STATE => self.state,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACE_PARENT, TRACE_STATE]
    }
}

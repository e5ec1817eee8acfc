//! What is not sampled costs next to nothing: the sampler is asked before a span is made, and of one that it drops OpenTelemetry
//! sees nothing. What would have been its context goes on all the same, so that nobody draws anew within, here or elsewhere.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::Context;
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, TraceContextExt as _, TraceFlags, TraceId,
};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, SamplingDecision, ShouldSample};
use tracing::span::{Attributes, Id};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Metadata, dispatcher};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::{self, Filter};

use super::{Span, TARGET};

/// The field of spans that OpenTelemetry is not to see.
const UNSAMPLED: &str = "tidings.unsampled";
/// The requests that carry spans must not make spans.
const SENDING: [&str; 5] = ["hyper", "h2", "opentelemetry", "rustls", "tower"];

thread_local! {
    /// The trace that a span which is about to be started is the root of.
    static DRAWN: Cell<Option<TraceId>> = const { Cell::new(None) };
}

/// What OpenTelemetry's layer sees; and, as it is found in the subscriber, who says there what is sampled.
#[derive(Debug)]
pub(crate) struct Sampling {
    sampler: Option<Box<dyn ShouldSample>>,
    /// Whether the layer has ever seen a span of the runtime. Other filters may keep them all from it: then the runtime is no part
    /// of any trace, and has nothing to say of what is sampled.
    sees: AtomicBool,
}

enum Decision {
    /// What goes on in its stead.
    Dropped(Context),
    /// With a parent, if it is not that in which it is made, or as the root of a trace.
    Sampled(Option<Context>, Option<TraceId>),
}

/// Makes a span whose parent is given, or is the one that it is made in; `make` is told whether OpenTelemetry is to see it.
pub(super) fn begin(
    parent: impl Fn() -> Option<Context>,
    make: impl FnOnce(bool) -> tracing::Span,
) -> Span {
    let decide = |dispatch: &Dispatch| dispatch.downcast_ref::<Sampling>()?.decide(&parent);
    let (parent, root, span) = match dispatcher::get_default(decide) {
        Some(Decision::Dropped(context)) => return Span::unsampled(make(false), context),
        Some(Decision::Sampled(parent, root)) => (parent, root, make(true)),
        None => match make(true) {
            unseen if unseen.is_disabled() => return unseen.into(),
            span => (parent(), None, span),
        },
    };
    if let Some(parent) = parent {
        // Without OpenTelemetry's layer there is nothing to be the parent of.
        let _ = span.set_parent(parent);
    }
    if root.is_some() {
        // It is started at once, and asks for a trace.
        DRAWN.set(root);
        let _ = span.context();
        DRAWN.set(None);
    }
    span.into()
}

impl Sampling {
    /// By a sampler that looks at neither the name of a span nor at what is in it, as those of the SDK. Without one, whoever has the
    /// spans decides.
    pub(crate) fn by(sampler: Option<Box<dyn ShouldSample>>) -> Self {
        Self { sampler, sees: AtomicBool::new(false) }
    }

    /// What the SDK would decide, and will.
    fn decide(&self, parent: impl FnOnce() -> Option<Context>) -> Option<Decision> {
        let sampler = self.sampler.as_ref().filter(|_| self.sees.load(Ordering::Relaxed))?;
        let parent = parent();
        let within = parent.clone().unwrap_or_else(Context::current);
        let outer = within.span();
        let outer = outer.span_context();
        let root = (!outer.is_valid()).then(|| RandomIdGenerator::default().new_trace_id());
        let trace = root.unwrap_or_else(|| outer.trace_id());
        let internal = SpanKind::Internal;
        let sampled = sampler.should_sample(Some(&within), trace, "", &internal, &[], &[]);
        if sampled.decision != SamplingDecision::Drop {
            return Some(Decision::Sampled(parent, root));
        }
        let span = match root {
            Some(_) => RandomIdGenerator::default().new_span_id(),
            None if !outer.is_sampled() => return Some(Decision::Dropped(within.clone())),
            // There is no span of its own that what follows could be the child of.
            None => outer.span_id(),
        };
        let (flags, state) = (TraceFlags::NOT_SAMPLED, sampled.trace_state);
        let unsampled = SpanContext::new(trace, span, flags, outer.is_remote(), state);
        Some(Decision::Dropped(within.with_remote_span_context(unsampled)))
    }

    fn takes(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        match target == TARGET {
            true => metadata.fields().field(UNSAMPLED).is_none(),
            false => !SENDING.iter().any(|sending| target.starts_with(sending)),
        }
    }
}

impl<S> Filter<S> for Sampling {
    fn enabled(&self, metadata: &Metadata<'_>, _: &layer::Context<'_, S>) -> bool {
        self.takes(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.takes(metadata) { Interest::always() } else { Interest::never() }
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: layer::Context<'_, S>) {
        if !self.sees.load(Ordering::Relaxed) && attributes.metadata().target() == TARGET {
            self.sees.store(true, Ordering::Relaxed);
        }
    }
}

/// The ids of spans: random ones, but for traces of which it is decided already that they are sampled.
#[derive(Debug, Default)]
pub(crate) struct Ids(RandomIdGenerator);

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        DRAWN.take().unwrap_or_else(|| self.0.new_trace_id())
    }

    fn new_span_id(&self) -> SpanId {
        self.0.new_span_id()
    }
}

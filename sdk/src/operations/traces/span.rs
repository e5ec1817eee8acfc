//! A span of the runtime's.

use std::ops::Deref;

#[cfg(feature = "otlp")]
use futures_util::future::Either;
#[cfg(feature = "otlp")]
use opentelemetry::context::{Context, FutureExt as _};
use tracing::Instrument as _;

/// A span of `tracing`, and where OpenTelemetry sees nothing of it because it is not sampled, the context that goes on in its
/// stead: what is done within makes no trace of its own.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    span: tracing::Span,
    #[cfg(feature = "otlp")]
    unsampled: Option<Context>,
}

impl Span {
    pub(crate) fn none() -> Self {
        Self::from(tracing::Span::none())
    }

    #[cfg(feature = "otlp")]
    pub(super) fn unsampled(span: tracing::Span, context: Context) -> Self {
        Self { span, unsampled: Some(context) }
    }

    /// Does something within.
    pub(crate) fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
        #[cfg(feature = "otlp")]
        let _attached = self.unsampled.clone().map(Context::attach);
        self.span.in_scope(work)
    }

    /// A future that is polled within.
    pub(crate) fn instrument<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        #[cfg(feature = "otlp")]
        let future = match self.unsampled {
            Some(context) => Either::Left(future.with_context(context)),
            None => Either::Right(future),
        };
        future.instrument(self.span)
    }
}

impl From<tracing::Span> for Span {
    /// What nobody sees is none: with the feature `log` of `tracing`, as `sqlx` asks for it, each step of it would ask a logger.
    fn from(span: tracing::Span) -> Self {
        let span = if span.is_disabled() { tracing::Span::none() } else { span };
        Self {
            span,
            #[cfg(feature = "otlp")]
            unsampled: None,
        }
    }
}

/// Its fields are recorded as those of any other; whatever is done within goes by the methods above.
impl Deref for Span {
    type Target = tracing::Span;

    fn deref(&self) -> &tracing::Span {
        &self.span
    }
}

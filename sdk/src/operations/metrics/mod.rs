//! What a service's publishers and subscriptions do, in figures, through the [`metrics`](https://docs.rs/metrics) facade.
//!
//! Any recorder of that facade receives them; the feature `prometheus` has one. It is installed before the first event is
//! published and the first subscription runs, as figures are looked up once. [`METRICS`] lists them: labels hold names of the
//! catalog and words of closed sets, never an organization, a key or an id, so that the number of series is bounded by the
//! catalog.
//!
//! How far subscriptions are behind is asked of the broker while they run, and what publishing fares is looked at from the first
//! publish on, [every 15 seconds](crate::Config::sample_every).

mod labels;
#[cfg(not(feature = "metrics"))]
mod off;

#[cfg(feature = "metrics")]
mod consuming;
#[cfg(feature = "metrics")]
mod names;
#[cfg(all(feature = "metrics", any(feature = "postgres", feature = "sqlite")))]
mod outbox;
#[cfg(feature = "metrics")]
mod publishing;
#[cfg(all(feature = "metrics", any(feature = "postgres", feature = "sqlite")))]
mod relayed;
#[cfg(feature = "metrics")]
mod sampler;
#[cfg(feature = "otlp")]
mod semantic;

pub(crate) use labels::{Failing, Status};
#[cfg(not(feature = "metrics"))]
pub(crate) use off::{Consuming, Counted, Figures, Publishing, sample};

#[cfg(feature = "metrics")]
pub(crate) use {
    consuming::{Consuming, Counted},
    publishing::{Figures, Publishing},
    sampler::sample,
};

#[cfg(all(not(feature = "metrics"), any(feature = "postgres", feature = "sqlite")))]
pub(crate) use off::{Relayed, sample_outbox};
#[cfg(all(feature = "metrics", any(feature = "postgres", feature = "sqlite")))]
pub(crate) use {outbox::sample_outbox, relayed::Relayed};

#[cfg(feature = "prometheus")]
pub(crate) use names::BUCKETS;
#[cfg(feature = "metrics")]
pub use names::{Kind, METRICS, Metric};

/// Tells the installed recorder what the figures are. [`Exposition::install`](crate::prometheus::Exposition::install) does it
/// by itself.
///
/// ```
/// // With a recorder of one's own, once it is installed:
/// tidings::metrics::describe();
/// ```
#[cfg(feature = "metrics")]
pub fn describe() {
    for metric in METRICS {
        match metric.kind {
            Kind::Counter => metrics::describe_counter!(metric.name, metric.help),
            Kind::Gauge => metrics::describe_gauge!(metric.name, metric.help),
            Kind::Histogram => metrics::describe_histogram!(metric.name, metric.help),
        }
    }
}

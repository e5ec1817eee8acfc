//! The figures of [`metrics`](crate::metrics) as text for Prometheus.

use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::metrics::{BUCKETS, METRICS, describe};
use crate::operations::metrics::Kind;

/// How often what was observed is put into its buckets, where nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// What Prometheus scrapes: every figure of this process, the service's own among them where it uses the `metrics` facade.
///
/// ```no_run
/// use tidings::prometheus::Exposition;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let exposition = Exposition::install()?; // before anything is published or run
/// println!("{}", exposition.render());
/// # Ok(())
/// # }
/// ```
///
/// With the feature `admin`, a router serves it as `/metrics`.
///
/// Without it, any server does:
///
/// ```no_run
/// use tidings::prometheus::Exposition;
///
/// /// The header and the body of an answer.
/// fn scraped(exposition: &Exposition) -> (&'static str, String) {
///     (Exposition::CONTENT_TYPE, exposition.render())
/// }
/// # let _ = scraped;
/// ```
#[derive(Clone)]
pub struct Exposition(PrometheusHandle);

/// The process has a recorder of figures already.
#[derive(Debug, thiserror::Error)]
#[error("the process has another recorder of metrics already: install one of the two")]
pub struct AlreadyInstalled;

impl Exposition {
    /// The media type of the text.
    pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

    /// Makes it the recorder of the process.
    ///
    /// # Errors
    /// There is another one already.
    pub fn install() -> Result<Self, AlreadyInstalled> {
        let histograms = METRICS.iter().filter(|metric| metric.kind == Kind::Histogram);
        let builder = histograms.fold(PrometheusBuilder::new(), |builder, metric| {
            let name = Matcher::Full(metric.name.to_owned());
            // Refused where there are no buckets at all.
            match builder.set_buckets_for_metric(name, &BUCKETS) {
                Ok(builder) => builder,
                Err(_) => PrometheusBuilder::new(),
            }
        });
        let handle = builder.install_recorder().map_err(|_| AlreadyInstalled)?;
        describe();
        let upkeep = handle.clone();
        // A thread, as there may be no runtime yet. It has nothing that would be lost with the process.
        let spawned = std::thread::Builder::new().name("tidings-metrics".to_owned());
        let spawned = spawned.spawn(move || {
            loop {
                std::thread::sleep(UPKEEP);
                upkeep.run_upkeep();
            }
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "figures are put into their buckets only when somebody asks for them");
        }
        Ok(Self(handle))
    }

    /// Every figure, in Prometheus' text format.
    pub fn render(&self) -> String {
        self.0.render()
    }
}

impl std::fmt::Debug for Exposition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Exposition")
    }
}
